"""The words by which people speak of places, and those that only look like names.

In: nothing. Out: tables of words, all in lower case. Names of regions come from the official
list; of these, only those stand here that are everyday words, too.
"""

from __future__ import annotations

from typing import Final

import msgspec

#: the levels of regions
PROVINCE, REGENCY, DISTRICT, VILLAGE = range(4)


def words(text: str) -> frozenset[str]:
    """Each of them."""
    return frozenset(text.split())


class LevelWord(msgspec.Struct, frozen=True, gc=False):
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
#: before the name, in English; it goes behind it: North Kuta is Kuta Utara
TURNED: Final = {"north": "utara", "south": "selatan", "east": "timur", "west": "barat", "central": "tengah"}
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
HERE: Final = words("di d daerah wilayah warga kawasan lokasi nang neng ning ing wonten teng menyang ka in at near around")

#: behind these even an everyday word may be a town: ke Batu
LEADING: Final = HERE | words("dari ke dr menuju asal sampai antara ti from to")

#: a name behind these is somebody's or something's: warung Padang, sate Madura, Bank Jakarta, bus jurusan Solo
NAMESAKES: Final = words(
    """
    apel apotek arah asal bahasa bakso bank bapak batik bernama bis bu bus cv dodol gudeg haji harian hotel ibu ikatan institut jalur
    jeruk jurusan ka kampus kang kapal kedai kelahiran kereta keripik klinik klub koperasi kopi koran logat martabak mas mbak mi mie
    nama nasi oleh orang paguyuban pak pangeran partai pecel persatuan perusahaan piala plat pt putra putri raden radio rendang resto
    restoran rm rs rumah rute salak sate simpang soto suku sunan tahu teh tempe timnas toko tol trans trayek tujuan tv univ universitas
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
    menggenang menit menuju menumpuk menyang min minggu minta mlm mohon mulai mulia mungkin nah nang nanti nek neng ngga nggak ning no nomor
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
    abang acara adang adat adem adoh adu again agam agung agus ahmad air aji akar alam alas alasan alat ali alim along alor alur aman
    amanah ambo amin amis ampel anak andi andong anggrek angin angkasa anwar anyar api apung arahan area aren arena ari arif armada
    arta arus asam asem asih asmat aspal asri asset atap atas awal ayah ayam babak babakan badak badan bae bagas bagian bagus bahagia
    bahari bahu baik bakal bakau bakti balai balaidesa bale balik balong bambang bambu ban bandar bandara bang bangga bangka bangkai
    bangke bangsa bangsal bangun bangunan banjar bantaran banteng banyakan banyu bara barang barat bareng baru baruna basi batang
    batas bate batin batu batunya bawah bawang bayi bayu bayur bea bebas bebek becak bedug belah belakang belimbing benda bendahara
    bendung bendungan bener bengkak bengkel bening benteng benua berani beras beringin berkah berkas berkat bersama bersatu besan
    besar besi besuk beton biang bidara bima bina bintang biru bobol boja bojo bokor bola bone bong borongan buah buang budaya budi
    budiman bujang bukaan bukit bukti buku bulan bulu bumi bundar bunga buntar buntu bunut buru buruan burung cabang cabe cahaya
    campur candi cangkring cantik cap catur cemara cempaka cendana cerah cilik cina cinta cipta citra cor culik curah curug dadap dadi
    dagangan dah dalam dalem damai dana danau danger dapur darat dari darma darmo dasar data datar daun day daya delima dengok deras
    dermaga desa dewa dewata dewi dharma dian dikira dingin done doyong dua duku dukuh dukun dunia duren duri durian dwi eka ekonomi
    ekor emas empang empat enam endah ende enggal era etan fajar fitri foya gada gadang gading gajah gaji galak galian gambut gancang
    gang gantung gapura gara garam gardu garing garuda garung gatot gedang gede gedong gedung gelap gelombang gelora gemah gembira
    gemuruh genteng genting gerbang girang giri gol golok got gotong gua gubuk gudang gue gula gulu guntur gunung guru hadi halim
    halte harapan hari harian harum hasan hati hendra heru hijau hilir hitam hujan hulu hutan ibu idaman ikrar imam indah indra
    industri intan inti islam ismail istana istimewa iwan jabang jadi jago jagung jaka jaksa jalan jaluk jalur jaman jambu jamin
    jangka janji jarak jari jarum jasa jati jatuh jawa jaya jeblog jembar jembatan jeruk jingga jogo joko jompo juang juara juli
    jurang juta kabar kaca kacang kahuripan kai kaki kaleng kaler kali kalian kalong kamar kambing kampak kampung kanal kanan kancing
    kandang kangkung kantin kantor kaos kapal kapas kapur karang karet karo kartini karto karya karyawan kasi kasih kasihan kasim kaum
    kawat kayu kebo kebocoran kebon kebun kecil kedai kedondong kedung kejadian kejaksaan kelapa kelas kelompok kembang kenalan
    kenanga kenari kencana kendal kepala kepung kerajaan keramat keras keraton kereta kering kerja kerta kertas kesehatan key khusus
    kidul kilat kilo kira kiri kita klitih kolam kompleks koper kopi kosong kota krajan kramat kraton kresek kuala kubu kuburan kudu
    kudus kuku kuli kulo kulon kuna kunci kuning kuno kurun kurung kwala laba labuh ladang lahan lahar laksana lama lambung lampu
    lancar landak landasan landeuh langgar langit lanjut lapak lapang lapangan larangan laut lawang lawas layang lebak lebar ledeng
    legi legok lelang lele leles lembah lembang lembar lembur lereng lestari liang lilis lima lingga lingkar lingkungan listrik lobang
    lomba long lor lorong luar luas lubang lubuk luhur lumbung lumpur lurah lurus mabuk madang made madu madya mahal mahkota maju
    makam makmur malam malang maligi mama man mandala mandiri mandor mangga manggis mangkubumi manis mansur mantan mantri manuk
    manunggal mappi marang marga margo mari mas masa masing masjid mata matahari mati matur maung mawar medan mekar melati melayu
    melintang men menang menanti menara mendung mengkudu merah merak merbau merdeka merek merpati mesjid metro mikir minyak mode moga
    monas montor motor muak muara muda mudik mugi muka mukti mulia mulya mulyo muncul munding murni murti musholla mutiara nadi naga
    nanas nangka nasi natal nduwur negara negeri nelayan nenas ngisor nirmala normal nur nurul nusa nusantara nyamuk nyata omar opo
    pacar padan padang padat padi pagar pagi pagu pahlawan pajak pakis paku palang palem palu panas pancur pandan pandi pandu pangeran
    panggang panggung pangkal pangkalan pangkat panjang panji pantai panti papan para parang parit pasang pasar pasir patang pati
    patok patung payung pedang pedas pekan pekat pelabuhan pelajaran pelangi pelat pelita pematang pemenang pemuda penambangan
    penanggulan penarik pendidikan pendopo pengadilan pengaturan penghulu peninggalan peniti penjara pensiunan perahu perak perbatasan
    perintis perjuangan perkebunan perkotaan permai permata persada persiapan pertamina pertanian pesantren pesing pesisir peta petak
    petang petani peteng petir pinang pinggang pinggir pintu pirang pisan pojok pola polos pondok pos prabu prima pucuk pukat pukul
    pulau pulo puluhan puncak punggung punten pura puri purnama pusaka pusat puspa putat putih putra putri puyuh rahayu rahman rahmat
    raja rajin rakit rakitan rakyat ramai rambutan rancak rangka rantau rapat rata ratna ratu rawa raya rega rejo rembes resmi retno
    rindang ringgit ringin rini robek roda ruang rudi ruko rumah rumput rusa sabang sabar sabu sabun sadar saham sakti salam salaman
    sale salim saling salut sama sambung sambungan sampah sampe samping sampun samsul sandang sandaran sandi sanggar santi santoso
    sarang sari sarjo sarmi sasaran satria satu sawah sawo sayang sea sebelah seberang see sehat sejahtera sejati sekaran sekolah
    selamat selang selat selatan seluruh semangat sembilan sembung semen sementara semper sempu sempurna semut senang senen seni
    sentosa sentra sentul sepakat sepuluh serah serang serangan serat seri setia seto sewer sewu siaga siak sigi silam siluman simpang
    sinar sirih sisi siti situ slamet soka solok sopo sorong sorry sosial sri subur suci suharto suka sukarela sukarno sukses sultan
    sumbang sumber sumur sungai sungsang supri surat surau surya suryo susu susuk susun susut sutan swadaya swakarya syukur tabah
    tabuh tahunan tajam talang taman tambahan tambak tambang tampan tanah tanda tandu tangga tanggul tanggung tangki tangkil tangkis
    tani tanjakan tanjung tapak tarikan taruna tawaran tebas tebel tebing tegal tegalan teknik teladan telaga telawang teluk teman
    tembaga tembok tempe tempel tempelan tenaga tenan tenang tenda tengah tenggara tentara tepi terang terapung teras teratai teriak
    terisi terjun terminal terpadu tes tiang tibo tiga tihang tilang timbang timbangan timbul timur tinggi tingkat tirta tirto titi
    titik toba toko tondon tonggoh toya trans tri trimulyo trisula tu tua tual tugu tujuh tukang tulang tulis tulung tulus tumbal
    tumpang tumpukan tunas tunggal tuntang tuntas turi turu turunan tuti udik udin ujang ujung ulang ular umar umum upah urang urug
    usman usul utama utara wadas waduk wahid wahyu wali wana wangi waringin waris warna warung wasiat waspada wati watu wawan wayan
    web wedi wetan wilis wiring wisata woman yanti you yudha yusuf
    """
)
#: of these, names of kabupaten and kota that count behind a word such as `di` in small letters too, because everybody says them so
SAID_SO: Final = words("malang serang kudus pati batang banjar bima padang medan sorong kendal tegal metro")
#: names of one kecamatan or village each that are words, too: with nothing beside them, a capital at the head of a sentence makes no name
PLAIN: Final = words(
    """
    adam ahu angan anggi angkatan angke apar apas aris asa asia awang bacan badar bajo baka baso batur beber begal began beja beliung
    bendo bengo bentak bentar bere betung borong boros boyo brani bruno bubu bugi bulak bulik carita cera dander dasuk deket dorang
    dorong duda elar emplak eris gabek gampong gantungan garum gatak gaung gawan gebog gela gera gesang geser gilingan girik golong
    gonggong growong gubug gunem haha hai hello jabiren jair jambe jambon jang jebak jepang jita johor jumat kakas kaling kambu kare
    katong kawan kebar kema kemudi kerek kertek klopo komering kong kopo kotawaringin kristen kubur kunir labu lantik lauk limang limau
    limo limun lintang lumar lumut maba madat makki malo mande mane manyaran mena menawi menjelang mili minangkabau minggir mojo monggo
    munte musi musuk nangi napi nian nini ombo oray orgen pace padas paguyuban pamek pana panei papar parahu pare paron patrol patuk
    pedan pedes penataan penawar pier pino pitu pule pulutan punung purba pure purun raba random rat reban rego rengat rindi rindu sabet
    sahu sakra salak salira salur sambi sape sawit sedan sekampung sekar sekarbela seko selo semau sendir seputih sewulan sikur silo
    simo sine singkir sir soba soko suak sudirman sukau sukun tapa tarub teko teling tenga terik tigi tipes tiris toabo todo tonggo tune
    umbar umpang undo undur unggu usir utan walet wanci wayer wiki winong wungu yayasan yuni
    """
)
