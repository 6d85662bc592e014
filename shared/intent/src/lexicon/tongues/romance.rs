//! Verbs of Romance languages.

use super::NOUN;

/// The verbs, each word in one row only; see `Verb::numbered` for the numbers.
pub(in crate::lexicon) const ROWS: &[(u64, &str)] = &[
    // French.
    (
        1,
        "apercevoir apercu compter denombrer imprime imprimer ouvrir parcourir regarder suivre \
         visualisation",
    ),
    (
        2,
        "accepter acceptez actualiser ajout annule annuler approuve approuver attribuer cloture \
         cloturer confirme confirmer demarre demarrer deplace editer emettre facturer fermer \
         inscrit lancer marquer noter redemarrer refuser rejeter relancer retourner saisir saisit \
         signer soumission suspendre transmettra verrouiller",
    ),
    (2 | NOUN, "annulation"),
    (
        3,
        "abroger aneantir bannir demolir desinstaller effacement enlever jeter jette licencier \
         liquider radier rebuter resiliation revoque vidanger",
    ),
    (7, "aspirer deverser exportation extraire extrait"),
    (10, "acheter acquitter encaisser regle regler verse verser"),
    (10 | NOUN, "versement"),
    (
        11,
        "cede ceder communique communiquer diffuse diffuser divulgue divulguer exposer livrer \
         ouvrez publie publier remettre",
    ),
    (12, "redirige rediriger reexpedier transferer"),
    (
        9,
        "arrete arreter contourne contourner couper desarmer neutraliser",
    ),
    // Spanish.
    (
        1,
        "abre buscador contar desplegar encuentra enumera imprimir mirar muestre recupera \
         recuperar revisa revisar trae traer ver verifica visualiza visualizar",
    ),
    (1 | NOUN, "detalle lista"),
    (
        2,
        "abonar acepta aceptar actualiza actualizacion ampliar anota anotar anula anular aplazar \
         aprobar aprueba cambia cancelar cerrar cierra comprometer confirma confirmar corregir \
         creacion encargar genera generar grabar ingresar inicia iniciar inserta insertar \
         introducir marcar mueve pedir programar reagendar rechazar renovar renueva reprogramar \
         solicita solicitar sube subir suspender",
    ),
    (
        3,
        "borrado depurar desecha desechar desinstalar destruccion eliminacion erradicar expulsar \
         extinguir liquidar purga resciende rescinde retira revoca revocacion vaciado",
    ),
    (7, "exportacion extraccion extrae extraer volcar vuelca"),
    (7 | NOUN, "volcado"),
    (
        10,
        "abona cobrar compra comprar desembolsar girar liquidacion reembolsa",
    ),
    (
        11,
        "cesion comunicar difundir divulga divulgar entrega entregar facilita facilitar publica \
         publicar remite remitir",
    ),
    (12, "derivar desvia desviar redirigir reenvia"),
    (9, "detener inhabilitar inhibir omitir silenciar suspende"),
    // Portuguese.
    (1, "abrir achar contagem encontra listagem obtem olhar"),
    (
        2,
        "aceita aceitar adia adiar alteracao aplica aprova aprovar associar atualiza cadastro \
         cancela carregar criacao edita encerrar fecha fechar grava gravar inclui incluir \
         inscreve insere inserir lanca lancar matricular publicacao submeter trocar",
    ),
    (
        3,
        "descarta descartar desfazer destroi encerramento exclusao expurgar limpa limpar revoga \
         sucatear",
    ),
    (7, "despejar exportacao extrai extrair"),
    (10, "desembolsa transfere"),
    (11, "fornece fornecer partilha partilhar repassa repassar"),
    (12, "encaminha redireciona redirecionar"),
    (9, "desliga desligar inibir interromper pausar"),
    // Italian.
    (
        1,
        "apri contare esamina ottiene recuperare sfoglia stampare vedere vedi visiona",
    ),
    (1 | NOUN, "elenco estratto"),
    (
        2,
        "accantona accetta accettare aggiornamento aggiunge annulla annullare approva approvare \
         assegna avvia avviare blocca bloccare cambiare chiude chiudere chiudi compila confermare \
         emettere emetti imposta impostare inserire inserisce inserisci iscrivi ordinare \
         pianifica pianificare prenota rifiuta rinnova rinnovare rinvia riserva scrive sospendi \
         sposta",
    ),
    (
        3,
        "azzera azzerare disdici dismetti distruggi eliminazione licenzia macera recedere risolvi \
         rottama rottamare scarta scartare smaltire svuotamento",
    ),
    (7, "esportazione estrae estrai estrarre riversa riversare"),
    (
        10,
        "acquista acquistare bonifica liquida liquidare saldare versa versare",
    ),
    (
        11,
        "cedere comunica comunicare condivide consegna consegnare diffondi divulgare fornisci \
         pubblica pubblicare trasmette trasmettere trasmetti",
    ),
    (12, "dirotta inoltro reindirizza"),
    (
        9,
        "bypassa disinserisci escludi ferma fermare inibisci spegnere spegni",
    ),
    // Romanian.
    (
        1,
        "afisare afiseaza afiseza afișează cauta cautare caută citeste citește compară consultă \
         deschide gaseste găsește listeaza listează numara numără obtine obține tipareste \
         tipărește verifică vezi vizualizeaza vizualizează",
    ),
    (
        2,
        "actualizeaza actualizează adauga adaugare adaugă anulare anuleaza anulează aproba aprobă \
         blocheaza blochează comanda comandă confirmă creeaza creează editeaza editează incarca \
         incarcă inchide inregistreaza inregistrează introdu modifică muta mută programeaza \
         programează rezerva rezervă salveaza salvează schimba schimbă scrie seteaza setează \
         trimite trimiterea",
    ),
    (2 | NOUN, "rezervare"),
    (
        3,
        "caseaza casează distruge elimină goleste golește inceteaza incetează revocă rezilia \
         reziliaza reziliază sterge stergere Șterge Ștergere șterge ștergere",
    ),
    (7, "exportă extrage"),
    (
        10,
        "achita achită cumpara cumpără plateste plătește ramburseaza rambursează vireaza virează",
    ),
    (
        11,
        "cedeaza cedează distribuie divulgă furnizeaza furnizează partajeaza partajează predă \
         publică transmite",
    ),
    (12, "redirectioneaza redirecționează"),
    (
        9,
        "dezactiveaza dezactivează ocoleste ocolește opreste oprește suspenda suspendă",
    ),
];
