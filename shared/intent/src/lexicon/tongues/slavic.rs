//! Verbs of Slavic languages, also as they are written with Latin letters.

use super::NOUN;

/// The verbs, each word in one row only; see `Verb::numbered` for the numbers.
pub(in crate::lexicon) const ROWS: &[(u64, &str)] = &[
    // Polish.
    (
        1,
        "czytaj drukuj listuj odczyt odczytaj pobiera pobierac pobierać pobierz podgląd pokazuje \
         pokaż policz porownaj przegladaj przegląd sprawdz sprawdza sprawdź wczytaj wylistuj \
         wyswietl wyswietla wyszukaj wyszukuje wyświetl wyświetla zlicz znajduje znajdz znajdź \
         zobacz",
    ),
    (1 | NOUN, "podglad przeglad zestawienie"),
    (
        2,
        "akceptuj aktualizuj aktywuj anuluj anuluje blokuj dodaje dodawanie dopisuje dopisz \
         edytuj edytuje odrzuc odrzuć oznacz potwierdz potwierdź przenies przenieś przydziel \
         przypisz rejestruj rezerwuj tworz tworzy umow uruchom ustaw ustawia utworzyc uzupelnij \
         wprowadz wprowadź wstaw wstrzymaj wystaw wystawia wysyla wysyła wyślij zaakceptuj \
         zaktualizuj zamknij zamow zapisuje zapisz zarejestruj zarezerwuj zatwierdz zatwierdza \
         zatwierdź zglos zgłoś zlec zleć zloz zmien zmienia zmień złoż",
    ),
    (2 | NOUN, "rezerwacja"),
    (
        3,
        "czysci czyści kasuj kasuje likwiduj niszczy odwolaj odwołaj oproznij oprożnij rozwiaz \
         rozwiąż skasuj uniewaznij unieważnij usunac usunąć usuwa usuwanie wyczysc wyczyść \
         wykresl wykreśl wymaz wymaż wypowiedz wypowiedzenie wyrzuc zezlomuj zlikwiduj zlomuj \
         zniszcz złomuj",
    ),
    (
        7,
        "eksport eksportuj eksportuje wyciagnij wyciągnij wyeksportuj zrzuc zrzut zrzuć",
    ),
    (
        10,
        "kup oplac opłać przelej przelewa refunduj wyplac wypłata wypłać zaplac zapłać zwroc \
         zwroć",
    ),
    (10 | NOUN, "przelew wyplata"),
    (
        11,
        "opublikuj przekaz przekazanie przekazuje przekaż publikuj publikuje udostepnia \
         udostepnij udostępnia udostępnij ujawnij wydaj",
    ),
    (12, "przekierowuje przekieruj przeslij prześlij"),
    (
        9,
        "dezaktywuj odetnij omin omiń wylacz wylacza wyłącz wyłącza zatrzymaj",
    ),
    // Czech.
    (
        1,
        "cist cti hledat hledej nacist najdi najit načist over ověř porovnej přehled spocitej \
         spočitej tisk tiskni ukaz ukazat vyhledat vyhledej vypis vypiš zjisti zkontroluj zobraz \
         zobrazi zobrazit Čist Čti čist čti",
    ),
    (1 | NOUN, "prehled seznam"),
    (
        2,
        "aktualizovat blokovat nastav nastavit objednat objednej odeslat odesle odesli odešle \
         odešli potvrd potvrdit potvrď presunout pridat pridej prijmout priradit přesunout přidat \
         přidej přijmout přiřadit rezervovat rezervuj schval schvalit stornovat uloz ulozit \
         uložit uprav upravit vloz vlozit vložit vystav vystavit vytvor vytvori vytvorit vytvoř \
         vytvoři vytvořit zalozit založit zamitnout zapis zapsat zaregistrovat zauctovat \
         zaučtovat zmen zmenit změnit zrus zrusit zrušit",
    ),
    (
        3,
        "odstran odstrani odstranit odstraň odvolat skartovat skartuj smaz smazat smaze smaž \
         smaže ukoncit ukončit vymaz vymazat vymaž vypovedet vypovez vypověz vyprazdnit vyradit \
         vyřadit zlikvidovat zneplatnit znicit zničit",
    ),
    (7, "exportovat exportuj vyexportovat"),
    (
        10,
        "koupit prevest prevod proplatit převest převod uhrad uhradit vyplat vyplatit vyplať \
         zaplat zaplatit zaplať",
    ),
    (
        11,
        "poskytni poskytnout preda predat predej předa předat předej sdilej sdilet vydat \
         zpristupnit zpřistupnit zverejni zverejnit zveřejnit",
    ),
    (12, "preposlat presmerovat přeposlat přesměrovat"),
    (
        9,
        "deaktivovat obejit odpojit vypni vypnout zastav zastavit",
    ),
    // Russian.
    (
        1,
        "chitat iskat nahodit naiti nayti pokazat pokazyvaet poluchaet poluchit posmotret \
         prochitat proverit vyvesti Вывести Выводит Искать Ищет Найти Находит Печатает Печать \
         Поиск Показать Показывает Получает Получить Посмотреть Проверить Проверяет Просмотр \
         Прочитать Список Считать вывести выводит искать ищет наити найти находит печатает печать \
         поиск показать показывает получает получить посмотреть проверить проверяет просмотр \
         прочитать список считать",
    ),
    (1 | NOUN, "pechat poisk prosmotr spisok"),
    (
        2,
        "bronirovat dobavit dobavlyaet izmenit naznachit obnovit oformit otkryt otmenit otpravit \
         otpravlyaet perenesti podtverdit redaktirovanie redaktirovat sohranit sozdaet sozdat \
         utverdit vnesti zablokirovat zabronirovat zakazat zakryt zapisat zavesti Бронировать \
         Внести Добавить Добавляет Заблокировать Завести Заказать Закрыть Записать Записывает \
         Изменить Изменяет Назначить Обновить Обновляет Открыть Отменить Отменяет Отправить \
         Отправляет Оформить Перенести Подтвердить Создает Создать Создаёт Сохранить Сохраняет \
         Утвердить бронировать внести добавить добавляет заблокировать завести заказать закрыть \
         записать записывает изменить изменяет назначить обновить обновляет открыть отменить \
         отменяет отправить отправляет оформить перенести подтвердить создает создать создаёт \
         сохранить сохраняет утвердить",
    ),
    (
        3,
        "annulirovat likvidirovat ochischaet ochistit ochistka otozvat rastorgnut rastorzhenie \
         spisat steret udalyaet unichtozhit uvolit Аннулировать Отозвать Очистить Очищает \
         Расторгает Расторгнуть Списать Стереть Уволить Удаление Удалить Удаляет Уничтожает \
         Уничтожить аннулировать отозвать очистить очищает расторгает расторгнуть списать стереть \
         уволить удаление удалить удаляет уничтожает уничтожить",
    ),
    (3 | NOUN, "spisanie udalenie"),
    (
        7,
        "eksportirovat vygruzhaet vygruzit Выгружает Выгрузить Выгрузка Экспортировать \
         Экспортирует выгружает выгрузить выгрузка экспортировать экспортирует",
    ),
    (7 | NOUN, "vygruzka"),
    (
        10,
        "kupit oplatit perevesti Выплатить Заплатить Купить Оплатить Оплачивает Перевести \
         Переводит выплатить заплатить купить оплатить оплачивает перевести переводит",
    ),
    (10 | NOUN, "perevod vozvrat vyplata"),
    (
        11,
        "opublikovat peredacha peredaet peredat podelitsya predostavit raskryt Опубликовать \
         Передает Передать Передаёт Поделиться Предоставить Публикует Раскрыть опубликовать \
         передает передать передаёт поделиться предоставить публикует раскрыть",
    ),
    (
        12,
        "perenapravit pereslat Перенаправить Переслать Пересылает перенаправить переслать \
         пересылает",
    ),
    (
        9,
        "obojti ostanovit otkluchit otklyuchit vyklyuchit Выключить Остановить Отключает \
         Отключить выключить остановить отключает отключить",
    ),
    // Ukrainian.
    (
        1,
        "otrymaty perehlyanuty pereviryty pokazaty poshuk znayty Знайти Отримати Отримує \
         Перевірити Переглянути Показати Пошук знаити знайти отримати отримує перевірити \
         переглянути показати пошук",
    ),
    (
        2,
        "dodaty nadislaty onovyty pidtverdyty pryznachyty skasuvaty stvoryty zberehty zminyty \
         Додати Додає Зберегти Змінити Надсилає Надіслати Оновити Призначити Підтвердити \
         Скасувати Створити Створює додати додає зберегти змінити надсилає надіслати оновити \
         призначити підтвердити скасувати створити створює",
    ),
    (
        3,
        "ochystyty rozirvaty vydalyty znyshchyty Видалити Видаляє Знищити Знищує Очистити \
         Розірвати видалити видаляє знищити знищує очистити розірвати",
    ),
    (
        7,
        "eksportuvaty vyvantazhyty Вивантажити Вивантажує Експортувати вивантажити вивантажує \
         експортувати",
    ),
    (
        10,
        "oplatyty perekazaty splatyty Оплатити Переказати Сплатити оплатити переказати сплатити",
    ),
    (
        11,
        "oprylyudnyty peredaty poshyryty Оприлюднити Передати Передає Поширити оприлюднити \
         передати передає поширити",
    ),
    (
        9,
        "vymknuty zupynyty Вимикає Вимкнути Зупинити вимикає вимкнути зупинити",
    ),
];
