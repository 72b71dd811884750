"""Dangers and abuses of office as people tell them, in ordinary words, none of which means either by itself."""

from __future__ import annotations

import pytest

from tests.normalizer.reading_rules import record


@pytest.mark.parametrize(
    "text",
    [
        "pak cepet ada orang kesangkut di mesin giling padi, tangannya masuk",
        "anak tetangga umur 4th nyemplung ke empang blm naik naik",
        "min ibu kos sy ga gerak dari tadi badannya dingin, gmn ini",
        "asap item keluar dr ruko lantai 2, ada yg teriak2 di dalem",
        "tulung pak omahku kebrukan wit randu, simbah isih nang njero",
        "cai geus sahulu taneuh, kuring jeung budak di hateup, can aya nu datang",
        "bojoku gawa arit arep mateni aku, aku ndelik nang kandang",
        "my neighbour's kid got bitten by a cobra and his leg is swelling fast",
        "sudah 2 jam nelpon 119 ga ada yg angkat, bapak saya sesek bibirnya biru",
        "suami temen sy ngurung dia di kamar 3 hari gak dikasih makan, hp nya diambil",
        "istri sy pergi dari kemarin sore hpnya mati, terakhir pamit ke pasar",
        "sy udah siapin talinya. maaf merepotkan",
        "4 org lemes habis makan nasi kotak hajatan, ada yg matanya mendelik",
        "tabung melon di warung ngejos terus, kami takut nyala kompor",
        "ada org ga dikenal gendong bayi saya lari naik motor barusan",
        "kapal penyeberangan miring kemasukan air, penumpang sekitar 40",
        "rame2 anak sma lempar2an batu sama pake gir di perempatan",
        "bapa abdi labuh tina tangkal kalapa, teu tiasa ngagerakkeun sukuna",
        "anak perempuan kelas 5 sd cerita ke saya tiap malam bapak tirinya masuk kamarnya",
        "warga gotong ibu hamil pake sarung 6 kilo krn jembatan putus, udh keluar darah",
        "rasanya pengen berhenti aja dari semuanya, tidur ga usah melek lagi",
        "my roommate swallowed bleach",
        "truk bbm guling di turunan, solar banjir ke jalan",
        "bayi 5 bln ketelen kancing mukanya udah ungu",
        "banjir udh selutut naik terus, oma sendirian di rumah",
        "tolong cek kos no 7, bau busuk dr kemarin lusa dan penghuninya ga kliatan",
        "bapak jatuh dari steger ga bisa gerakin kakinya",
        "anak saya kesiram air panas kulitnya ngelupas",
        "saya duduk di atap gedung ga mau turun lagi",
        "someone is trying to break down my door right now",
    ],
)
def test_a_danger_is_heard_in_ordinary_words(text: str) -> None:
    assert "emergency" in record(text).flags


@pytest.mark.parametrize(
    "text",
    [
        "bikin akte di kecamatan katanya free tp ujung2nya disuruh isi kotak seikhlasnya minimal 50rb",
        "pak kades bagi2 sapi bantuan cuma ke timnya, kami yg ga milih dia gak kebagian",
        "jalan usaha tani di spj 200 meter, faktanya cuma 80 meter",
        "kalo mau anaknya masuk sman itu siapkan 7 juta lewat bu tu",
        "lurahe nganggo mobil plat abang kanggo ngeterke mantune kulakan",
        "tanah lapangan desa moro moro wis disertifikat jenenge anake lurah",
        "pegawai kelurahan itu ngantor seminggu sekali tapi gajinya utuh",
        "beras raskin sampe sini tinggal 7 kilo padahal harusnya 10, yg 3 kilo katanya ongkos",
        "bu camat nyuruh semua guru tk pasang foto suaminya yg nyaleg",
        "sopir damkar bilang solarnya tiap minggu dijual lagi sm kepala regunya",
        "upah padat karya harusnya 100rb sehari yg kami terima 65",
        "di polsek mau laporan kehilangan disuruh bayar 25rb katanya buat kertas",
        "bantosan beas teu nepi ka nu jompo, seueurna ka dulur RW wungkul",
        "Every month the harbour office wants 'fish money' from our boats, no paper given",
        "Perawat RSUD bilang kalau mau cepat operasi hubungi dia aja, ada biayanya di luar kasir",
        "kepala puskesmas ga pernah dtg tp absen fingernya hadir terus",
        "kalo mau nikah di kua sini hari kerja jg tetep ditarik 600",
        "truk pasir tiap lewat portal setor 10rb ke orang pemda, ga dicatat",
        "alat semprot bantuan kementan nongkrong di garasi ketua poktan",
        "lurah jarene prei terus nanging TPPne mlaku",
        "cai irigasi diatur ku ulu ulu, nu mere duit heula nu kabagian",
        "a soldier took our land and said go complain wherever you like",
        "kadus main mata sama pemborong, batu talud diganti batu kapur",
        "pns pake grup wa kantor buat ajak dukung anak bupati",
        "lolos paskibra titipan semua, yg nilainya tinggi malah gugur",
        "tes sekdes cuma formalitas, yg jadi udah ketauan dari awal",
        "pak kuwu ngical lahan carik ka pabrik, artosna duka kamana",
        "the permit office told us to pay extra or the file gets lost",
        "kapolsek bekingi galian c ilegal",
        "bidan puskesmas minta 50rb padahal gratis, mohon ditindak",
        "ini gimana sih petugas imigrasi minta 'uang kopi' biar cepet",
        "kok bisa ya pegawai kelurahan minta uang rokok 50rb wkwk",
        "lurah jual tanah makam ke developer wkwk",
        "lurah minta 100rb tiap tanda tangan surat, lapor kemana ya pak",
        "polisi minta damai 200rb pas razia, bisa dilaporkan tidak?",
        "saya gatau hrs lapor kemana, bendahara sekolah minta 2jt buat nebus ijazah",
        "sbg ASN di dinas PU sy bingung lapor kemana, kontraktor setor ke kabid 10% tiap termin",
    ],
)
def test_an_abuse_is_heard_in_ordinary_words(text: str) -> None:
    assert record(text).oversight.value == "berkadar"


@pytest.mark.parametrize(
    "text",
    [
        "jalan ke puskesmas rusak, bawa ibu hamil goyang semua",
        "bau gas dr kandang ayam menyengat tiap sore",
        "kabel internet semrawut di tiang depan rumah",
        "kucing saya jatuh ke sumur udah mati, sumurnya bau",
        "pak kades kami baik, dana desa jelas dan dipasang di papan",
        "usul kades diberi kendaraan dinas biar rajin keliling",
        "terima kasih pak polisi sudah antar anak kami yg nyasar",
        "petugas pln datang minta cek meteran, itu resmi?",
        "usul pasang pagar di jembatan biar anak ga jatuh",
        "stop pungli, ayo bersama wujudkan desa bersih",
        "polisi di sini baik, dompet saya ketemu uangnya utuh",
        "kami takut ada yg ketabrak krn lampu jalan mati",
        "kategori: bencana alam / kecelakaan / lainnya (pilih): lainnya. trotoar rusak",
        "pasien pingsan nunggu katanya, tolong tambah loket pendaftaran",
        "puskesmas jam 8 blm ada dr nya, pasien numpuk",
        "anak saya ditampar wali kelas, sekolah minta damai saja",
        "laporan di polres ga jalan2 sudah 3 bln",
        "izin tanya, kalau lapor pakai KTP luar kota bisa?",
        "tunjangan profesi guru triwulan 3 belum cair, kabupaten lain sudah",
        "lapor kemana kalau ada pungli?",
    ],
)
def test_what_only_looks_so_is_neither(text: str) -> None:
    found = record(text)
    assert "emergency" not in found.flags
    assert found.oversight.value != "berkadar"
