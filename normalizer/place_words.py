"""The words by which people speak of places, and those that only look like names.

In: nothing. Out: tables of words, all in lower case. Names of regions come from the official
list; of these, only those stand here that are everyday words, too.
"""

from __future__ import annotations

from typing import Final, NamedTuple

#: the levels of regions
PROVINCE, REGENCY, DISTRICT, VILLAGE = range(4)


def words(text: str) -> frozenset[str]:
    """Each of them."""
    return frozenset(text.split())


class LevelWord(NamedTuple):
    """What a word says of the name behind it."""

    level: int
    #: True: a kota, False: a kabupaten, None: either
    kota: bool | None = None


_PROVINCE, _DISTRICT, _VILLAGE = LevelWord(PROVINCE), LevelWord(DISTRICT), LevelWord(VILLAGE)
_KABUPATEN, _KOTA, _EITHER = LevelWord(REGENCY, False), LevelWord(REGENCY, True), LevelWord(REGENCY)

#: the level's own words, its short forms, and who or what there is one of in each
LEVEL_WORDS: Final[dict[str, LevelWord]] = {
    **dict.fromkeys(words("provinsi propinsi prov prop pemprov gubernur gub province"), _PROVINCE),
    **dict.fromkeys(words("kabupaten kab kabupatn kabpaten pemkab bupati"), _KABUPATEN),
    **dict.fromkeys(words("kota kotamadya kodya pemkot walikota"), _KOTA),
    **dict.fromkeys(words("polres polresta kejari"), _EITHER),
    **dict.fromkeys(words("kecamatan kec kc kcamatan kecamatn kecamtan kapanewon kemantren distrik camat polsek koramil"), _DISTRICT),
    **dict.fromkeys(
        words("desa ds dsa deso kelurahan kel klurahan kelurahn kalurahan lurah kades pemdes keuchik gampong nagari pekon pambakal"),
        _VILLAGE,
    ),
}
#: what may stand between such a word and the name
BETWEEN: Final = words("adm administrasi madya madia")
#: behind the name, in English
BEHIND: Final = {"city": _KOTA, "regency": _KABUPATEN, "province": _PROVINCE}
#: glued before a name: kecbabadan
GLUED: Final = {"kec": _DISTRICT, "kab": _KABUPATEN}

#: of words within names
SHORT: Final = {
    "kep": "kepulauan",
    "tj": "tanjung",
    "tjg": "tanjung",
    "tg": "tanjung",
    "gn": "gunung",
    "kp": "kampung",
    "kmp": "kampung",
    "psr": "pasar",
    "pd": "padang",
    "kb": "kebon",
    "mns": "meunasah",
    "perk": "perkebunan",
    "btg": "batang",
    "slt": "selatan",
    "utr": "utara",
    "brt": "barat",
    "tmr": "timur",
}

#: behind these a name without a word for its level is worth looking up; it counts only where another level agrees
HERE: Final = words("di d daerah wilayah warga kawasan lokasi nang neng ning ing wonten teng ka in at near around")

#: behind these even an everyday word may be a town: ke Batu
LEADING: Final = HERE | words("dari ke dr menuju asal sampai antara ti from to")

#: a name behind these is somebody's or something's: warung Padang, sate Madura, Bank Jakarta, bus jurusan Solo
NAMESAKES: Final = words(
    """
    apel apotek arah asal bahasa bakso bank bapak batik bernama bis bu bus cv dodol gudeg haji harian hotel ibu ikatan institut jalur
    jeruk jurusan ka kampus kang kapal kedai kelahiran kereta keripik klinik klub koperasi kopi koran logat martabak mas mbak mi mie
    nama nasi oleh orang paguyuban pak pangeran partai pecel persatuan perusahaan piala plat pt putra putri raden radio rendang resto
    restoran rm rs rumah rute salak sate simpang soto suku sunan tahu teh tempe timnas toko tol trayek tujuan tv univ universitas
    warung
    """
)

#: no part of a name; a name ends before them
STOP: Final = words(
    """
    a abdi ada adalah adanya agar aja akan akibat akses aku amblas ambles ambrol ambruk anak and anda antara apa apabila apakah arah
    aspal aspalnya at atas atau awan bad bagaimana bagi bahaya bahwa banget banjir banyak bapak batas bau becek belum berada berdebu
    berharap berlubang bermasalah bersama berserakan bertahun beserta besok biar bikin bisa blm bocor bolong broken bu buat bulan
    cepat coba cuma d dalan dalane dan dapat dapet dari dekat dengan depan dgn di dibangun dibenahi diberi dibersihkan dibiarkan
    dibongkar dibuat diduga dilakukan dimana diminta dipasang diperbaiki ditindak ditindaklanjuti ditutup diurus dlm dpn dr dulu for
    ga gak gan gede gelap genangan gimana gk hancur hanya haraf harap hari harus hingga hrs ibu in ingin ini is itu iya jadi jalan
    jalane jalannya jam jangan jebol jelek jg jika jl jln jml juga jumlah kab kabupaten kah kalau kali kalo kami kampung kapan karena
    kayak ke kec kecamatan kel kelurahan kemarin kenapa kepada ketika khususnya kini kita kok kondisi kondisinya kosong kota
    kotor kpd krn kurang lagi lalu lama lampu lan lapor lewat lg licin longsor lubang lubangnya macet maka malah malam mangkrak masih
    masuk mati mau mbak melalui melaporkan meluap memang membahayakan meminta memohon menemukan mengalami mengeluh mengganggu
    menggenang menit menuju menumpuk min minggu minta mlm mohon mulai mulia mungkin nah nang nanti nek neng ngga nggak ning no nomor
    nya nyala of oknum oleh on ora pada padahal padam pagi pak para parah pas patah penerangan penting per perbaikan perlu pernah
    persis pinggir pju pohon prov provinsi putus rawan roboh rt ruas ruksak rusak rw saat sampah sampai samping sangat sat saya sdh se
    sebab sebagai sebelah sebelum seberang sejak sekali sekarang sekitar selalu selama seluruh sempit semua sepanjang sering serta
    sesuai setempat setiap sgt si siang sini situ so sore sudah sulit supaya sy tadi tahun tak tanpa tapi tdk tempat tepat tepatnya
    terhadap terima terjadi terkait terlalu termasuk tersebut tersumbat tertutup tetap the tiap tidak tiga to tolong tp tsb tumbang
    tutup udah untuk utk very warga was wes wib wis wit wita ya yaitu yang yg yth
    """
)

#: of these, what does stand within names: Kebayoran Lama, Glumpang Tiga, Pasar Minggu
_WITHIN: Final = words(
    """
    a anak antara at atas banjir banyak batas bau bersama bu bulan dan gede harap hari jadi jalan kali kalo kampung kota lama licin lubang
    mati minggu mulia pagi pak patah pinggir putus seberang siang tiga tumbang wis
    """
)
#: the others, which no name goes beyond: Malang ke Batu is not in Malangke
APART: Final = STOP - _WITHIN | words("ds jl jln kecamatan kelurahan pada")

#: what an office or a village does and is: perangkat desa minta uang. Names only when written like one, even behind a word for a level
VERBS: Final = words(
    """
    abai absen ada adalah agak agar ajak akan aku akui amat ambil ana anda angkat apa apabila apalagi asal asalan atau bagai
    bagaimana bagi bahkan banget bantu banyak barangkali bawa bayar bayarkan beberapa bekerja beli beliau belum benci berapa berdiri
    beri berjanji berkata besok betul bicara bikin bila bilang bisa bocor bohong boleh bolong bolos buat bubar bubarkan buka bukan
    butuh cabut cair cairkan cari cepat cerita cuci cuek cukup cuma curang curi dan dapat dapet dari datang dengan dengar diam duduk
    dulu durung entah gampang ganti gelap gelapkan giat guna gunakan habis hampir hanya harap harus hendak henteu hilang hingga
    ibarat ijin iku ingat ingin ingkar izin jadi jaga jangan jarang jawab jebol jika jual juga justru kadang kalau kalo kami kamu
    kapan karena kasar kemarin kena kenapa kerja ketemu ketika kini kita korupsi kuasai kumpul kurang kuwi lagi lalai lambat
    langsung lapor laporkan larang lari lebih lewat licin lihat lupa maka malah mampu mana mangkir marah masih mau melarang melihat
    memaksa membagi membantu membawa membayar memberi memeras memilih meminta memotong memungut menagih menangis mencari mencuri
    mendadak mendengar menerima mengajak mengaku mengambil mengapa mengerti mengganti mengurus menipu menjadi menolak menta menunggu
    menunjuk menyuruh merasa mereka mesti minta motong mudah mulai mung mungkin mungut musyawarah nagih namun nanti narik nekat
    ngaku ngasih ngerti ngomong ngotot ngurus njaluk njupuk nunggu nya nyari nyarios nyuhunkeun nyuruh oleh omong ono ora pada
    padahal paham pakai paksa panggil pasif pasti pelan pelit pensiun per peras pergi perintah perlu pernah pikir pimpin pindah
    potong potongi pulang pun pungut rampok rasa rawan rebut ronda saat saja salurkan sama sampai sangat sanggup saya sebab sebelum
    sebentar sedang sedikit seenaknya segera sejak sekali sekarang selalu selesai sembarangan sembunyi semoga sepakat seperti sering
    serobot serta sesudah setelah setiap setuju siap sogok sombong suap sudah sulit sunat sunatan supaya suruh suruhan susah tadi
    tagih tahu takut tampak tanpa tanya tapi tarik tau tebang telah temu tentang terasa terbukti terima terlalu terlibat terlihat
    ternyata tertangkap tertawa terus tetap tetapi teu tiap tiba tidak tidur tinggal tipu titip tolak tolong tunda tunggu tunjuk
    tutup tutupi undang untuk urus wajib waktu wis yang zalim
    """
)

#: names of villages or kecamatan that are everyday words, of people or of things: they need a word for their level
ORDINARY: Final = VERBS | words(
    """
    abang acara adang adat adem agam agung agus ahmad air aji akar alam alas alat ali alor aman amanah amin ampel anak andi andong
    anggrek angin angkasa anwar anyar api aren arena ari arif arta asam asem asih asmat aspal asri atas awal ayah ayam babakan badak
    badan bagas bagian bagus bahagia bahari baik bakal bakau bakti balai balaidesa bale balong bambang bambu ban bandar bandara bang
    bangka bangsa bangsal bangun bangunan banjar banteng banyu barang barat baru baruna batang batas bate batin batu bawah bawang bayu
    bayur bebas bebek becak belakang belimbing benda bendung bendungan bengkel bening benteng benua berani beras beringin berkah
    berkat bersama bersatu besar besi beton bidara bima bina bintang biru boja bokor bola bone bong buah budaya budi budiman bukit
    buku bulan bulu bumi bundar bunga buntar buntu bunut buru burung cabang cabe cahaya campur candi cangkring cantik cemara cempaka
    cendana cerah cilik cinta cipta citra cor curah curug dadap dadi dalam dalem damai danau dapur darat dari darma darmo dasar data
    datar daya delima dengok deras dermaga desa dewa dewata dewi dharma dian dua duku dukuh dunia duren duri durian dwi eka ekonomi
    emas empat enam endah ende era etan fajar fitri gadang gading gajah galian gang gapura garam garuda garung gatot gedang gede
    gedong gedung gelap gelora gemah gembira genteng gerbang girang giri got gotong gua gubuk gula guntur gunung guru hadi halim halte
    harapan hari harum hasan hati hendra heru hijau hilir hitam hujan hulu hutan ibu idaman imam indah indra industri intan inti
    ismail istana istimewa iwan jadi jagung jaka jaksa jalan jalur jambu janji jari jasa jati jaya jembar jembatan jeruk jingga jogo
    joko juang juara jurang kaca kacang kahuripan kaki kaler kali kalong kambing kampung kanal kanan kandang kantor kapal karang karet
    karo kartini karto karya karyawan kasih kasim kaum kawat kayu kebon kebun kecil kedai kedondong kedung kelapa kelas kelompok
    kembang kenanga kencana kendal kepala keramat keraton kereta kering kerja kerta kertas khusus kidul kilat kiri kita kolam kompleks
    kopi kosong kota krajan kramat kraton kuala kuburan kudus kulon kuna kunci kuning kuno kwala laba ladang lahan lama lampu lancar
    landak landasan landeuh langgar langit lapak lapang lapangan laut lawang lawas layang lebak lebar legi legok leles lembah lembang
    lembur lestari liang lilis lima lingga lingkar lingkungan listrik lor lorong luar lubang lubuk luhur lumbung lumpur lurah lurus
    madang madu madya mahkota maju makam makmur malam malang maligi mandala mandiri mangga manggis mangkubumi manis mansur mantri
    manuk manunggal mappi marga margo mas masa masjid mata matahari mati mawar medan mekar melati melayu melintang menang menanti
    menara mendung mengkudu merah merak merbau merdeka merpati mesjid metro minyak monas motor muara muda mudik muka mukti mulia mulya
    mulyo murni murti musholla mutiara naga nanas nangka nduwur negara negeri nelayan nenas ngisor nirmala nur nurul nusa nusantara
    nyata omar padang padat padi pagar pagi pahlawan pajak pakis paku palang palem palu pancur pandan pandi pandu pangeran pangkalan
    panjang panji pantai papan para parang parit pasar pasir pati patok patung pedas pekan pelabuhan pelangi pelita pematang pemuda
    penanggulan pendidikan pendopo pengadilan penjara perahu perbatasan perintis perjuangan perkebunan perkotaan permai permata
    persada persiapan pertanian pesantren pesisir petani petir pinang pinggir pintu pojok polos pondok pos prabu prima puncak pura
    puri purnama pusaka pusat puspa putat putih putra putri puyuh rahayu rahman rahmat raja rajin rakyat ramai rambutan rancak rantau
    rapat rata ratna ratu rawa raya rejo resmi retno rindang ringin rini rudi rumah rumput rusa sabang sabar sabun sakti salam salim
    sama sambung sampah samping samsul sandang santi santoso sari sarjo sarmi satria satu sawah sawo sebelah seberang sehat sejahtera
    sejati sekaran sekolah selamat selatan seluruh semangat sembilan sembung semper sempu sempurna semut senang senen seni sentosa
    sentra sentul sepakat sepuluh serang seri setia seto siaga siak sigi simpang sinar siti situ slamet soka solok sorong sri subur
    suci suharto suka sukarno sukses sultan sumber sumur sungai supri surau surya suryo susun sutan swadaya swakarya syukur tabah
    tahunan tajam taman tambak tambang tampan tanah tangga tanggul tangkil tani tanjung tapak taruna tegal tegalan teknik telaga
    telawang teluk teman tembaga tembok tempel tenaga tenang tengah tenggara tentara tepi terang teratai terminal terpadu tiang tiga
    timbul timur tinggi tingkat tirta tirto titi toba tonggoh trans tri trimulyo trisula tua tual tugu tujuh tulus tumpang tunas
    tunggal tuntang tuntas turi tuti udik udin ujang ujung ular umar umum usman utama utara wadas waduk wahid wahyu wana wangi
    waringin warung wati watu wawan wayan wetan wilis wisata yanti yudha yusuf
    """
)
#: of these, names of kabupaten and kota that count behind a word such as `di` in small letters too, because everybody says them so
SAID_SO: Final = words("malang serang kudus pati batang banjar bima padang medan sorong kendal tegal metro")
