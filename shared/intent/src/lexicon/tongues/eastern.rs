//! Verbs of languages of the East as they are written with Latin letters.

use super::NOUN;

/// The verbs, each word in one row only; see `Verb::numbered` for the numbers.
pub(in crate::lexicon) const ROWS: &[(u64, &str)] = &[
    // Japanese.
    (
        1,
        "etsuran hikaku kakunin sansho sanshou shokai shoukai shukei shutoku shuukei yomikomi",
    ),
    (1 | NOUN, "hyoji hyouji ichiran insatsu kensaku"),
    (
        2,
        "henko henkou henshu henshuu hozon idou kaishi kakutei koshin koushin kyanseru nyuryoku \
         nyuuryoku sakusei shinsei shonin shounin shusei shuusei torikeshi toroku touroku tsuika \
         uketsuke",
    ),
    (2 | NOUN, "chumon chuumon hacchu hatchu yoyaku"),
    (
        3,
        "kaijo kaiyaku massho masshou mukoka shobun shokyo shoukyo taikai",
    ),
    (3 | NOUN, "haiki haki"),
    (7, "chuushutsu ikkatsushutsuryoku kakidashi shutsuryoku"),
    (7 | NOUN, "chushutsu"),
    (10, "henkin konyu kounyu sokin soukin"),
    (10 | NOUN, "furikomi kessai shiharai"),
    (11, "hikiwatashi kaiji koukai kyouyu teikyou"),
    (11 | NOUN, "kokai kyoyu teikyo"),
    (12, "tenso tensou"),
    (9, "kaizyo mukouka teishi"),
    // Chinese.
    (
        1,
        "bijiao chakan chaxun chazhao duqu huoqu jiansuo sousuo xianshi",
    ),
    (1 | NOUN, "dayin liebiao tongji"),
    (
        2,
        "baocun bianji chuangjian dengji dongjie fasong gengxin luru pizhun qiyong quxiao \
         shangchuan shenpi shezhi tianjia tijiao xiadan xinjian xinzeng xiugai",
    ),
    (2 | NOUN, "yuding yuyue"),
    (
        3,
        "baofei chedan chexiao jieyue qingkong xiaohui zhongzhi zhuxiao zuofei",
    ),
    (7, "daochu piliangdaochu"),
    (10, "fukuan goumai huikuan tuikuan zhifu"),
    (10 | NOUN, "zhuanzhang"),
    (11, "fabu fenxiang gongkai gongxiang tigong"),
    (12, "zhuanfa"),
    (9, "guanbi jinyong tingyong tingzhi"),
    // Korean.
    (1, "chulryeok geomsaek hwagin joheo yeollam"),
    (1 | NOUN, "inswae johoe moglog mongnok"),
    (
        2,
        "balhaeng byeongyeong chuga chwiso deungnok deungrok jeojang jeonsong saengseong seungin \
         sujeong",
    ),
    (2 | NOUN, "jumun yeyak"),
    (3, "haeji malso pyegi sakje"),
    (7, "chuchul naebonaegi"),
    (10, "hwanbul jibul"),
    (10 | NOUN, "gyeolje songgeum"),
    (11, "gonggae gongyu jegong"),
    (9, "jungji"),
    // Indonesian.
    (
        1,
        "ambil baca cari cek cetak hitung lihat melihat menampilkan mencari mengambil menghitung \
         periksa tampil tampilkan unduh",
    ),
    (1 | NOUN, "daftar"),
    (
        2,
        "atur batalkan buat daftarkan jadwalkan kirim kunci masukkan membatalkan membuat \
         memperbarui menambah menambahkan mendaftarkan mengirim mengirimkan mengubah menyetujui \
         menyimpan perbarui pindahkan setujui simpan tambah tambahkan terbitkan ubah unggah",
    ),
    (
        3,
        "akhiri buang cabut hancurkan hapuskan kosongkan memusnahkan mencabut menghapus \
         mengosongkan musnahkan",
    ),
    (7, "ekspor mengekspor"),
    (10, "bayar beli cairkan membayar transferkan"),
    (
        11,
        "bagikan bocorkan membagikan menyebarkan menyerahkan publikasikan sebarkan serahkan",
    ),
    (12, "alihkan meneruskan teruskan"),
    (
        9,
        "hentikan lewati matikan mematikan menghentikan menonaktifkan nonaktifkan",
    ),
    // Vietnamese.
    (1, "danhsach hienthi kiemtra timkiem xem"),
    (
        2,
        "capnhat chinhsua dathang datlich guidi huydon pheduyet taomoi themmoi",
    ),
    (3, "huybo thanhly xoa xoabo"),
    (7, "ketxuat trichxuat xuatfile"),
    (10, "chuyenkhoan hoantien thanhtoan"),
    (11, "bangiao chiase congkhai cungcap"),
    (9, "ngung vohieu vohieuhoa"),
];
