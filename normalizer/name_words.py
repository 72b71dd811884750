"""Words that stand beside a name, and words that are no name.

In: nothing. Out: sets of words in their matching form. It never lists a name.
"""

from __future__ import annotations

from typing import Final

from normalizer.number_words import IMPERSONAL


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: these announce a name; `bernama` without anything between
NAME_WORDS: Final = _set(
    "nama namaku namanya nm nma an n nami jeneng jenengku jenengan asma asmi wasta name bernama atasnama jenenge jenengipun naminipun"
    " asmanipun asmane ngaran ngaranna"
)
#: whose name it is, they say themselves; and those that say it of whoever was spoken of
OWN_NAMES: Final = _set("namaku jenengku atasnama")
CALLED: Final = _set("bernama namanya jenenge jenengipun naminipun asmanipun asmane ngaranna")
#: these only with a colon: `Pelapor: …`
FIELD_WORDS: Final = _set(
    "pelapor pengadu pengirim pemohon dari from oleh tertanda ttd korban terlapor pemilik penerima ortu orangtua wali saksi pasien nasabah"
)
#: … or where a line begins
SENDERS: Final = _set("pelapor pengadu pengirim pemohon lengkap")
#: who speaks: with capitals behind it, and at the beginning of a sentence
SPEAKER_WORDS: Final = _set("saya sy aku abdi kulo kula am tangan gue gw gua ane awak titiang is")
#: … in English, with the word before
ENGLISH: Final = {"am": "i", "is": "this"}
#: the end of a letter, before the name of who wrote it
CLOSING_WORDS: Final = _set("""
    alaikum salam wassalam wasalam wassalamualaikum hormat kasih terimakasih trimakasih trims makasih mksh tks thx suwun nuwun nuhun
    ttd tertanda regards thanks thank sincerely pelapor pengirim wb
""")
#: of these, those with nothing but a name behind them
SIGNED_WORDS: Final = _set("ttd tertanda regards sincerely pelapor pengirim")
#: between the end of a letter and the name
CLOSING_MORE: Final = _set("""
    saya sy kami hormat salam kasih banyak sebelumnya atas perhatiannya perhatian bantuannya kerjasamanya pak bu bapak ibu min admin
    you wr wb ya pelapor pengirim ttd tertanda sanget pisan sekali takzim sejahtera sehat warm best kind regards matur wassalam
    wassalamualaikum wasalam yang melapor
""")
#: before `saya`, where a name may follow
BEFORE_SPEAKER: Final = _set("""
    hub hubungi perkenalkan kenalkan kenalin ijin izin assalamualaikum asalamualaikum assalamu pagi siang sore malam malem halo hallo
    hai permisi maaf pak bu bapak ibu min admin kak mas mbak gan wb kasih hormat nepangkeun sampurasun punten nuwun sewu ya dengan ini
    i this
""")
#: before `saya`: a name follows
INTRODUCING: Final = _set("perkenalkan kenalkan kenalin nepangkeun ngenalkeun tepangaken")
BEFORE_NAME: Final = INTRODUCING | _set("""
    my dengan dgn pakai pake memakai menggunakan gunakan terdaftar tercatat tertulis tertera terbaca mengaku ktp kk bpjs kis rekening
    rek sertifikat akta stnk bpkb paspor kartu
""")
#: … also one in small letters
GREETINGS: Final = _set("""
    assalamualaikum asalamualaikum pagi siang sore malam malem halo hallo hai permisi maaf pak bu min admin kak wb ijin izin hub
""")
#: what one does or is before `dari`, in small letters as a name might be
DOING: Final = _set("""
    datang dateng pulang pergi lapor dapat dapet dpt beli minta tau tahu dengar denger dgr baca lihat liat kerja asal asli keluar
    lahir jauh ambil pindah turun naik cerai sembuh lulus resign perantau bagian mulai kabur balik kembali mudik transit start lewat
    lari hidup tunggu nunggu antri ngantri antre bawa chat telp telpon nelpon wakil perwakilan utusan salah satu cek kirim dikirim
    ngajukan ajukan kecewa rugi jengkel kesel wong urang putra putri mantan eks alumni pegawai staf staff tim kasian kasihan bangga
    heran bingung transfer tf isi top cair dukung sepakat setuju jualan dagang usaha kuliah sekolah urus ngurus pinjam hanya cuma rasa
    harap pikir kira sering selalu sambil habis abis bersama sama para bantu ajak gerak tenaga relawan aktif
""")
#: how many verbs begin; few names do
VERBS: Final = ("meng", "meny", "mem", "mel", "mer", "mew", "ber", "ter", "di", "nge")
#: what befell a name in a list, with at least so many letters: `nama saya kehapus`
FATES: Final = {"ber": 5, "ter": 5, "di": 6, "ke": 7}
#: behind the name of the speaker
BEHIND_SPEAKER: Final = _set("""
    warga dari dr asal alamat almt rt umur usia mahasiswa mahasiswi pelajar siswa guru nik ktp tinggal domisili beralamat selaku
    sebagai di dengan ingin mau hendak mewakili saking ti wong urang tiyang jalmi asli from no hp wa ketua anak istri suami ibu bapak
    bin binti melaporkan melapor lapor bade badhe arep hoyong pemilik penduduk pekerjaan karyawan karyawati pegawai pensiunan petani
    pedagang buruh nelayan umat jemaat santri kader perangkat tukang sopir supir penjaga pelanggan pembeli penghuni kuli montir
    penyuluh penjahit satpam bidan perawat dokter dosen kontraktor pengusaha td tadi barusan kemarin kmrn
""")
#: … in small letters, whom he speaks to
SPOKEN_TO: Final = _set("pak bu bapak ibu min admin kak mas mbak bang")
#: before `dari` and after what one does: no home
NO_HOME: Final = _set("""
    jam jm pagi subuh siang malam kemarin kmrn tadi td dulu awal sini situ sana mana hp wa aplikasi web tempat hasil segi tahun th thn
    bulan bln tanggal tgl rumah kerja pasar sekolah kantor puskesmas rs bank bri bca bni mandiri dana ovo gopay rek rekening cctv
    video berita tv medsos media grup fb ig
""")

#: before a name: none of them is one by itself
TITLES: Final = _set(
    "bpk bapak pak bp bapa ibu bu sdr sdri sdra saudara saudari tn ny nn mr mrs ms mas mbak kang alm almh almarhum almarhumah"
)
TITLED: Final = TITLES - {"mas"} | {"dr"}
#: whose name it is: with these it needs no colon
OWN: Final = _set("saya sy aku ku gue gua gw ane aq ak abdi kuring kulo kula kawula is")
WHOSE: Final = OWN | _set("""
    lengkap panggilan asli kandung murid siswi tetangga teman adalah ialah yaitu pelapor pengadu pengirim pemohon adik kakak paman
    bibi kakek nenek cucu keponakan ponakan mertua menantu ortu orangtua almarhum alm anak ibu ayah bapak suami istri pasien siswa
    korban terlapor kk pelanggan pemilik wali nasabah peserta warga ktp sesuai penerima
""")
#: in whose names an account is held, a paper made out, and what else has a name: no person
THINGS: Final = _set("""
    bendahara komite sekretaris koperasi bumdes gapoktan poktan panitia pengurus instansi dinas badan lembaga sungai kali gunung bukit
    danau waduk jalan gang desa dusun kampung kelurahan kecamatan toko warung pasar kafe cafe hotel kos pabrik perusahaan aplikasi
    website situs akun grup program proyek kegiatan lapangan taman terminal stasiun pelabuhan kapal masjid mushola gereja pura bersama
    pribadi negara bangsa hukum keadilan kemanusiaan demokrasi partai lsm ormas organisasi orang tua seluruh segenap para pihak tim
    takmir dkm jamaah umat
""")
#: papers before `an`: also a name in small letters is one then
PAPERS: Final = _set("bpjs kis kk ktp kartu rek rekening bansos pkh bpnt blt kks kip pip sertifikat sertipikat akta stnk bpkb paspor kpm")

#: a name in small letters is certain only up to one of these, a sign, or the end
STOPS: Final = IMPERSONAL | _set("""
    warga dari dr alamat almt rt rw di dusun dsn desa ds dukuh umur usia no nomor nik ktp kk hp wa telp mau ingin hendak lapor melapor
    melaporkan mengadu mengadukan mohon tolong minta sudah sdh udah udh belum blm tidak tdk gak ga gk nggak ndak tak bukan kok kenapa
    knp mengapa ada yang yg dan atau ini itu dengan dgn untuk utk karena krn tinggal tgl domisili selaku sebagai sbg kerja pekerjaan
    jl jln jalan gang gg kec kel kab kota kecamatan kelurahan kabupaten adalah salah hilang dicatut dipakai dipake disalahgunakan
    tercatat terdaftar terhapus masuk keluar dicoret tercantum berbeda beda sama saya sy aku kami kita mereka anak ibu bapak ayah
    suami istri orang nama lahir ttl pada pd jadi malah masih msh tetap selalu sering bisa harus akan pernah juga seorang jangan jgn
    agar supaya perlu disebut dirahasiakan rahasia rahasiakan punya pemerintah masyarakat rakyat pt cv ud pemilik penerima pelapor
    pelanggan sekolah siswa kepala perusahaan yayasan bank keluarga ahli almarhum almarhumah alm saking saka teu ti from and i live in
    was not rekening rek bansos tapi tp tetapi kalau klo kalo sampai hanya cuma oleh dalam dlm ke email jenis ganti diganti norek bpjs
    pln pdam asal mahasiswa sir omahku omah umah rumah rmh kapan terima makasih ya yah dong deh lho loh sih kan nih tuh lah min admin
    gan katanya kata trus terus langsung padahal pdhl sejak mulai selama sekarang skrg ikut lagi juga jg gmn gimana bagaimana apa
    apakah muncul lenyap ganda dobel double kosong nongol aktif nonaktif valid cocok sesuai lolos gagal palsu jelas saja aja sendiri
    doang anonim anonymous hamba
""")
#: what begins with a capital behind `saya` or at the end of a letter, and is nobody
NOBODY: Final = (
    STOPS
    | TITLES - {"mas"}
    | _set("""
    presiden wapres menteri gubernur bupati walikota wali camat lurah kades kadis kepala ketua kapolri kapolres kapolsek polisi polri
    tni dinas dishub dinsos disdik dlh pemda pemkot pemkab pemprov kementerian petugas tim satpol admin lapor sapa sp4n ombudsman kpk
    pupr petani nelayan buruh guru dosen dokter perawat pns asn honorer pensiunan pedagang penjual supir sopir karyawan pegawai
    mahasiswi pelajar penduduk rakyat wni tki tkw ojol janda duda lansia difabel disabilitas korban saksi pengguna penumpang
    pengendara pasien orangtua orang pemuda karang taruna forum komunitas aliansi masjid gereja indonesia jawa sunda bali papua islam
    kristen hindu budha jakarta bandung surabaya semarang medan makassar yogyakarta jogja malang bogor depok bekasi tangerang
    perumahan perum komplek komplek blok dusun kampung kp provinsi kantor puskesmas rsud rs smp sma smk sd tk lampu jembatan air
    listrik sampah banjir banget sangat sekali sekarang kemarin hari senin selasa rabu kamis jumat sabtu minggu januari februari maret
    april mei juni juli agustus september oktober november desember kecewa takut bingung marah sedih lapar sakit susah miskin harap
    berharap rasa merasa lihat melihat mendengar tahu tau baru lagi sedang lg sedih kesal capek bosan tanya bertanya menanyakan
    sampaikan menyampaikan berterima mengucapkan setuju menolak menuntut sendiri pribadi semua semoga salam sehat sejahtera hormat
    merdeka maju tuhan allah aamiin amin paguyuban kelompok himpunan persatuan ikatan serikat lembaga wassalam assalamualaikum
    waalaikumsalam pun cuman kira pikir percaya yakin butuh memohon meminta membayar bayar beli membeli kirim mengirim dapat mendapat
    kena ditipu pengen pingin pengin ikut pakai pake naik pulang jalan kaki bekerja usul mengusulkan menduga curiga siap tunggu
    menunggu dulu dahulu cek mengecek coba mencoba datang pergi lewat foto terlampir lampiran nb note ps sent dikirim https http www
    terimakasih trims very so a an the sorry afraid indonesian writing here reporting sure pengurus bravo jaya mantap sukses semangat
    viva dirgahayu lestari lanjutkan salut hidup seorang segera secepatnya cepat buruan ditunggu urgent penting takmir dkm jamaah pkk
    satpam bayi acara baik besar samaran seluruh segenap para pihak kader posyandu driver muslim muslimah katolik protestan nasrani
    konghucu tionghoa madura betawi batak minang bugis dayak
""")
)
#: small words inside a name
PARTICLES: Final = _set("bin binti al van de")
