//! What words of other languages are about, and words of trades for what guards people and
//! machines.

use super::about;

/// Words, and what they are about; a word may stand in several rows.
pub(super) const THING_ROWS: &[(u64, &str)] = &[
    (
        about::PEOPLE,
        "abbonati abonent abonenty abonne abonnes adherent adherents afiliados angajat angajati \
         anggota ansatt ansatte anstalld anstallda asiakas asiakkaan asiakkaat asukkaat \
         beneficiaires benhnhan beteg betegek bewohner bewoner bewoners boende borgere buerger \
         burgers calisan calisanlar cetateni cidadaos citoyens cittadini ciudadanos cliente \
         colaboradores contactos contatos contatti czytelnicy czytelnik czytelnikow deltagare \
         denunciante denunciantes dipendente dolgozo dolgozok einwohner eleitores eleve elever \
         empleada employe employes felhasznalo funcionario gaeste gaste gasten gaster gogaek \
         gosci goscie habitants hastalar henkilo henkilot hocsinh hoewon hospede hospedes huanzhe \
         huesped huespedes huiyuan huurder hwanja innbyggere inquilini inquilino invanare inwoner \
         inwoners iscritti jasenet jigwon jugyoin jumin juminn juugyouin juumin kaiin kanja \
         karyawan kehu khachhang kisiler klant klienci klient klienten klienti klientov klientow \
         klienty kokyaku kontakte kontragent kontragenty kontrahenci kontrahent kontrahentow \
         kullanici kullanicilar kund kunde kunden kunder kundin lakosok lejere lianxiren \
         locataire locatari mandanten medarbejdere medarbetare medewerker medlemmar mieszkancy \
         misafir moradores musteri musteriler najemnici nasabah nguoidung nhanvien oaspeti \
         obyvatele ogrenci osoby ospite ospiti pacient paciente pacienti pacjenci pacjent \
         pacjentow pasien patienten patientene patienter patientin patsient patsienty paziente \
         pegawai pelanggan pengguna persoane personas persone personel personen pessoas \
         polzovatel polzovateli potilaat potilas pracownicy pracownik pracownikow riyosha \
         riyousha salarie sayongja seito shain siswa sotrudnik sotrudniki sotrudnikov tagok \
         teilnehmer tokuisaki trabajador trabajadores tyontekija tyontekijat ugyfel ugyfelek \
         usagers usuario utente utentes utenti utilizator utilizatori uyeler uzytkownicy \
         uzytkownik vecinos vendeg vendegek versicherter vevo vevok vieraat votantes warga \
         werknemers xuesheng yonghu yuangong zakaznici zakaznik zakazniku zamestnanci zamestnanec \
         zhiteli Абонентов Клиент Клиента Клиентов Клиенты Клієнт Клієнта Клієнтів Контрагент \
         Контрагента Контрагентов Контрагенты Пациент Пациента Пациентов Пацієнтів Пользователей \
         Пользователя Працівників Сотрудник Сотрудника Сотрудники Сотрудников абонентов клиент \
         клиента клиентов клиенты клієнт клієнта клієнтів контрагент контрагента контрагентов \
         контрагенты пациент пациента пациентов пацієнтів пользователей пользователя працівників \
         сотрудник сотрудника сотрудники сотрудников",
    ),
    (
        about::ALL,
        "alla alle allen aller alles butun cala calej calosc caly całej cały całą cela cele celou \
         cely complet completa completas completo completos entera entero ganze ganzen gehele \
         gesamte gesamten gesamter gesamtes hela hele hepsi ikkatsu ilgwal inteira inteiro intera \
         intero intreaga jeonche kaikki kaikkien koko komplette kompletten modeun osszes pelna \
         pelnej pelny pełnej pełną piliang polnyi polnyy quanbu saemtliche saemtlichen samtliche \
         samtlichen samtliga samtlige seluruh semua subete suoyou tamami tamamı tatca teljes \
         toanbo toate toda todas todo todos toti tous toute toutes toți tum tutta tutte tutti \
         valamennyi volledig volledige vollstaendige vollstandige vollstandigen vse vsech vsechny \
         vseh vsekh vsyu všech všechny wszystkich wszystkie wszystko zenbu zenken Все Всех Всю \
         Всі Всіх Повний Повну Полного Полную Полный Усіх все всех всю всі всіх повний повну \
         полного полную полный усіх",
    ),
    (
        about::PUBLIC,
        "halka herkes herkese julkinen julkiseksi julkisesti nyilvanos nyilvanosan oeffentlich \
         oeffentlichen oeffentlicher offentlich offentliche offentlichen offentlig offentliga \
         offentligt openbaar openbare pubblica pubblicamente pubblico publicamente publichnyi \
         publichnyy publico publiczna publiczne publicznego publicznie publiczny publicznym \
         publik publique publiquement umum verejne verejny veřejne veřejny veřejně Публично \
         Публичной Публичному Публичный Публічний публично публичной публичному публичный \
         публічний",
    ),
    (
        about::CREDENTIAL,
        "adgangskode angsho bimilbeonho contrasenya geheimnis geheimnisse hasla haslo hasła hasło \
         hesla heslo jelszavak jelszo katasandi klucze losenord matkhau mima mishi parol parola \
         paroli passord pasuwado salasana salasanat sandi schluessel schlussel sekrety senha \
         senhas sifre sifreler zugangscode Şifre şifre Ключи Паролей Пароли Пароль ключи паролей \
         пароли пароль",
    ),
    (
        about::MONEY,
        "ber berek betalningen fizetes gaji geupyeo gongzi kyuuyo kyuyo lasku loenn lon loner \
         lonn maas maaslar maaş maksu maksun maksut mzda mzdy odeme odemeler palkat palkka \
         pembayaran plata platba platby platezh platezhi plati platnosc platnosci plată płatności \
         płatność utbetalningar vyplaty wynagrodzenia wynagrodzenie zahlungsauftrag zarplata \
         Зарплата Платеж Платежей Платёж Платіж зарплата платеж платежей платёж платіж",
    ),
    (
        about::SENSITIVE,
        "diagnosticos diagnosticas diagnosen diagnosi confidential bsn cnp codicefiscale \
         diagnosen diagnosi diagnoza diagnozy dnis gehaltsabrechnung \
         henkilotunnus kimlik lonebesked lonner mynumber nif palkkatiedot pasaporte pasaportes \
         paspoort paspoorten passaporte passaportes passaporti passaporto passeport passeports \
         paszport paszporty personnummer pesel reisepass reisepasse rodnecislo salaris \
         shenfenzheng snils taj tckn Паспорт Паспортов паспорт паспортов",
    ),
    (
        about::PROTECTION,
        "airgap alarma alarmas alarme alarmes allarme allarmi allowlisting apparmor applocker \
         auditd baojing bastion bitlocker blowout bop brake brakes brandalarm brandlarm \
         brandmauer brandmelder brandmeldung brandskydd brandvaegg brandvagg brandwerend canaries \
         canary conditionalaccess crowbar curfew detection detections dmp earthing evacuation \
         falco feuermelder filevault gasdetection gatekeeper governor grounding gyeongbo halytin \
         hasicharz holddown honeypot honeypots honeytoken honeytokens hydrant keihoki killswitch \
         kosho larm limiter lockdown luks overcurrent overload overspeed overtemp overtemperature \
         overvoltage palohalytin palomuuri palovaroitin permissives pozharnaya protect protector \
         ransomware rauchmelder riasztas riaszto rootkit seccomp secureboot selinux \
         signalizatsiya siren sirens sprinklers sysmon tamperproof tpm tripped tripwire tripwires \
         underfrequency undervoltage whitelisting xprotect yangin zapora zerotrust",
    ),
    (
        about::PEOPLE,
        "consignee consignees consignor consignors shippers buyer seller bidder bidders holder \
         holders \
         ticketholders leaver leavers joiner joiners crew pilots officers soldiers veterans \
         interns \
         trainee trainees apprentice apprentices tutors instructors lecturers nurses doctors \
         physicians clinicians backers investor investors shareholder shareholders lessee lessees \
         occupant occupants commuters informant informants whistleblower whistleblowers victim \
         victims \
         suspect suspects offender offenders detainee detainees refugee refugees migrants \
         pensioner \
         pensioners retiree retirees dependants dependents spouses heirs trustees licensees \
         franchisees nominees exhibitors panelists pax depositors creditors freelancers mentees \
         caregivers carers guardians godparents congregation clergy patrons diners lodgers hikers",
    ),
    (
        about::SAFETY,
        "smoke gas sprinkler siren sirens tcas gpws collision overspeed infusion",
    ),
    (about::PROTECTION, "recovery pitr tcas gpws collision smoke"),
    (
        about::FORWARDING,
        "cfwd journaling callforwarding callforward diversion divert cfu cfb cfnr cfnry \
         rufumleitung \
         anrufweiterleitung renvoi desvio deviazione doorschakeling przekierowanie",
    ),
    (
        about::DELETION,
        "cremation destruction ferraille incineration macero pilon rebut vernietiging",
    ),
    (
        about::ACCESS,
        "acces acceso accessi acesso acessos adgang akses autorisation behorighet berechtigung \
         berechtigungen dostep dostup dostęp dostępu erisim freigaben gwonhan hozzaferes izin \
         jogosultsag kayttooikeus kengen machtiging opravneni permessi permesso permiso permisos \
         permissao pristup quanxian quyen rechten tilgang toegang uprawnienia yetki zugang \
         zugriff zugriffe Доступ Права доступ права",
    ),
];
