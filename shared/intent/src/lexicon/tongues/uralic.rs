//! Verbs of Finnish, Hungarian and Turkish.

use super::NOUN;

/// The verbs, each word in one row only; see `Verb::numbered` for the numbers.
pub(in crate::lexicon) const ROWS: &[(u64, &str)] = &[
    // Finnish.
    (
        1,
        "avaa etsi etsii hakee katso listaa loyda lue luettelo lukee nayttaa tarkista tulosta \
         vertaa",
    ),
    (1 | NOUN, "haku"),
    (
        2,
        "aktivoi aseta hyvaksy hyvaksyy ilmoita kirjaa laheta lahettaa lisata luoda luonti \
         merkitse muokkaa muuta muutos muuttaa paivita paivittaa peru peruuta peruuttaa \
         rekisteroi siirra sulje tallenna tallentaa tilaa vahvista vaihda varaa",
    ),
    (2 | NOUN, "kirjaus tilaus varaus"),
    (
        3,
        "havita havittaa hylkaa irtisano irtisanoo lakkauta mitatoi mitatoida nollaa paata \
         poistaa purkaa romuta tuhoa tuhoaa tyhjenna tyhjentaa",
    ),
    (3 | NOUN, "poisto"),
    (7, "vieda"),
    (7 | NOUN, "vienti"),
    (10, "hyvita maksa maksaa suorita suorittaa tilita"),
    (10 | NOUN, "maksaminen suoritus"),
    (
        11,
        "jaa jakaa julkaise julkaisee luovuta luovuttaa luovutus",
    ),
    (12, "edelleenlaheta uudelleenohjaa valita"),
    (9, "keskeyta ohita pysayta sammuta"),
    // Turkish.
    (
        1,
        "bak bul getir getirir goruntule goruntuler goster gosterir incele indir karsilastir \
         karşılaştır listele listeler oku okur sorgula sorgular yazdir yazdır",
    ),
    (1 | NOUN, "arama"),
    (
        2,
        "ayarla baslat başlat degistir değiştir duzenle duzenler ekle ekleme ekler gonder \
         gonderir guncelle gunceller iptal kapat kaydeder kaydet kilitle olustur olusturur \
         oluştur oluşturur onayla onaylar planla reddet rezerve tanimla tanımla tasi taşı yaz \
         yukle",
    ),
    (
        3,
        "bosalt boşalt feshet fesih hurdaya imha kaldir kaldır sifirla sil siler silme sonlandir \
         sonlandır sıfırla temizle",
    ),
    (7, "disa disari dışa"),
    (7 | NOUN, "dokum"),
    (10, "ode oder"),
    (10 | NOUN, "havale iade"),
    (
        11,
        "ifsa ifşa paylas paylasir paylaş paylaşır yayinla yayınla",
    ),
    (12, "ilet yonlendir yonlendirir"),
    (9, "atla baypas durdur kapatma"),
    // Hungarian.
    (
        1,
        "beolvas ellenoriz ellenőriz keres kereses keresi kiir leker lekerdez lekerdezi listaz \
         listazza megjelenit megjeleniti megnez mutat mutatja nyomtat olvas osszesit szamol",
    ),
    (
        2,
        "athelyez beallit elkuld elkuldi elutasit feltolt felvesz foglal frissit frissiti hozzaad \
         hozzaadja jovahagy kiallit kuld kuldi lefoglal lemond lemondja letrehoz letrehozza \
         megrendel menti modosit modositja rendel rogzit rogziti sztorno sztornoz zarol",
    ),
    (
        3,
        "eltavolit ervenytelenit felmond felmondja kiurit kiuriti megsemmisit megsemmisiti \
         megszuntet selejtez torli torol visszavon",
    ),
    (3 | NOUN, "torles"),
    (7, "exportal exportalja kiment"),
    (
        10,
        "atutal atutalja fizet kifizet kifizeti vasarol visszaterit",
    ),
    (
        11,
        "atad atadja kiadja kozzetesz kozzeteszi megoszt megosztja",
    ),
    (12, "atiranyit tovabbit tovabbitja"),
    (9, "kikapcsol kikapcsolja leallit letilt letiltja megkerul"),
];
