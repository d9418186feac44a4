//! The words of each language: those of Amazon's own intents, and those that carry no meaning of their own.

use super::language;

/// What people say for Amazon's pause, resume, stop, cancel, next, previous, repeat, loop, shuffle, start over,
/// help, home, yes and no, and the words of its volume and alarm commands that are likeliest to be near.
const BUILT_INS: [(&str, &str); 10] = [
    (
        "en",
        "pause resume continue stop off shut up cancel never mind forget next skip forward previous back last repeat \
         again loop keep shuffle random mix start restart over begin help home yes yeah sure no nope thanks volume \
         louder quieter turn raise lower mute play hold halt end quit exit go on wake alarm timer",
    ),
    (
        "de",
        "pause pausieren pausiere anhalten halte weiter weitermachen fortsetzen stopp stop aufhören beenden abbrechen \
         vergiss egal nächster nächstes überspringen zurück vorherige wiederhole wiederholen wiederholung nochmal \
         schleife immer zufällig zufallswiedergabe mischen shuffle vorn anfang neu starten hilfe hilf hause startseite \
         ja gerne nein danke lauter leiser lautstärke spiele wecker aus an ende",
    ),
    (
        "es",
        "pausa pausar pause continuar continúe continúa reanudar reanude detener detén para pare parar salir cancelar \
         olvídalo importa siguiente saltar próxima anterior volver atrás regresar repetir repite repetición otra vez \
         bucle aleatorio mezclar desactivar activar empezar comenzar nuevo reiniciar ayuda ayúdame inicio sí claro \
         no gracias volumen sube baja suba baje despertador alarma apaga",
    ),
    (
        "fr",
        "pause pauser mettre reprendre reprends continuer continue arrêter arrête stop stopper quitter annuler laisse \
         oublie suivant suivante passer prochain précédent précédente reviens arrière répéter répète encore boucle \
         aléatoire mélanger désactiver activer recommencer recommence début aide accueil oui accord non merci volume \
         monter baisser plus moins fort réveiller réveil alarme éteindre",
    ),
    (
        "it",
        "pausa mettere riprendere riprendi continua continuare ferma fermare fermarsi smettila stop esci annulla \
         dimenticalo successivo prossimo salta avanti precedente torna indietro ripeti ripetere ripetizione nuovo loop \
         casuale mescola disattiva attiva ricomincia inizio riparti aiuto home sì certo no grazie volume alza alzare \
         abbassa svegliare sveglia spegni",
    ),
    (
        "pt",
        "pausar pausa pause retomar continuar continue parar pare sair cancelar esquece próximo próxima pular avançar \
         anterior voltar repetir repete novo loop aleatório embaralhar desligar ligar ativar recomeçar começar ajuda \
         início sim claro não obrigado volume aumentar abaixar diminuir acordar despertador alarme",
    ),
    (
        "nl",
        "pauze pauzeer pauzeren pauzeren hervatten hervat doorgaan door verder stop stoppen hou houd sluit annuleren \
         vergeet maar volgende overslaan sla vorige terug herhaal herhalen nog keer lus shuffle willekeurig uit aan \
         opnieuw begin beginnen herstart help startpagina start ja graag nee bedankt volume harder zachter wekken wekker",
    ),
    (
        "ja",
        "一時停止 停止 止 再開 続 終了 終 キャンセル 忘 次 スキップ 進 前 戻 繰 返 リピート ループ シャッフル ランダム 最初 \
         始 直 ヘルプ 助 ホーム 音量 上 下 起 消 再生 アラーム タイマー オン オフ",
    ),
    (
        "hi",
        "रोको रोकें रुको रुकें पॉज़ विराम बिराम जारी रखो रखें चालू बंद बन्द करो निकालो रद्द भुला अगला आगे स्किप पिछला \
         पीछे वापस दोहराओ फिर लूप दौर शफल बेतरतीब शुरू शुरुआत मदद होम हाँ हां ज़रूर नहीं धन्यवाद आवाज़ बढ़ाओ घटाओ \
         अलार्म उठाओ जगाओ",
    ),
    (
        "ar",
        "إيقاف أوقف أوقفي توقف تتوقف مؤقت مؤقتا استمر استمري تستمر استأنف استأنفي تستأنف اخرج إلغاء انسَ يهم التالي \
         تخطي السابق ارجع أعد أعيدي كرر كرري تكرار الحلقة عشوائي مزيج المزج ابدأ جديد تشغيل شغل شغلي مساعدة الرئيسية \
         نعم بالتأكيد لا شكرًا ارفع ارفعي ترفع اخفض الصوت منبه توقظ",
    ),
];

/// Articles, prepositions and the like, and verbs that only help others.
const FUNCTION_WORDS: [(&str, &str); 9] = [
    ("en", "the a an this that is to with in my it"),
    ("de", "die der das den dem diesen dieser dieses ist hier mit zu dass er soll"),
    ("es", "la el los las a al de del que con en este esta es se"),
    ("fr", "la le les l' à au de du d' cet c'est est ici ma"),
    ("it", "la il lo l' a al alla di del della questo questa è si"),
    ("pt", "a o as os à ao da do de este esta isto é se aqui para com"),
    ("nl", "de het te op af om aan dit dat deze is mijn"),
    ("hi", "को से का के की है में कि यह ये इस क्या"),
    ("ar", "أن هذا هذه هو هي في"),
];

/// The words of a sample that carry meaning. Japanese does not separate words: there, runs of kanji or katakana do.
pub(super) fn content_words(locale: &str, sample: &str) -> Vec<String> {
    let language = language(locale);
    if language == "ja" {
        let runs = sample.split(|c: char| !matches!(c, '\u{30a0}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'));
        return runs.filter(|run| !run.is_empty()).map(str::to_owned).collect();
    }
    let skipped = words_of(&FUNCTION_WORDS, language);
    sample
        .replace('\'', "' ")
        .split_whitespace()
        .filter(|word| !word.starts_with('{') && !skipped.contains(word))
        .map(str::to_owned)
        .collect()
}

/// The words of Amazon's own intents in the language of `locale`.
pub(super) fn of_built_ins(locale: &str) -> Vec<&'static str> {
    let words = words_of(&BUILT_INS, language(locale));
    assert!(words.len() > 20, "{locale}");
    words
}

fn words_of(lists: &[(&str, &'static str)], language: &str) -> Vec<&'static str> {
    lists.iter().filter(|(of, _)| *of == language).flat_map(|(_, words)| words.split_whitespace()).collect()
}

#[test]
fn content_words_leave_out_what_carries_no_meaning() {
    assert_eq!(content_words("en-GB", "lift the needle"), ["lift", "needle"]);
    assert_eq!(content_words("fr-FR", "lever l'aiguille"), ["lever", "aiguille"]);
    assert_eq!(content_words("ja-JP", "レコード盤を片付けて"), ["レコード盤", "片付"]);
    assert_eq!(content_words("en-US", "this is the {player}"), Vec::<String>::new());
}
