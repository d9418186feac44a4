//! Sentences that people say, with the intent that each belongs to.

use std::collections::{BTreeMap, BTreeSet};

use ma_alexa::voice::{LocaleSpec, MUSIC_INTENTS};

use super::models::{model, models};
use super::requests::{LEVEL, TIME, players, samples};

/// The sentences that name a room, or all of them, and the intent that each belongs to. Free text takes no slot beside it:
/// its room, and what is said before the room, is taken apart at home.
const IN_ROOMS: [(&str, [(&str, &str); 6]); 10] = [
    (
        "en",
        [
            ("PlayMusic", "play blue next in the kitchen"),
            ("QueueMusic", "add blue to the queue in the kitchen"),
            ("PlayMusic", "play my favorites everywhere"),
            ("PlayRandom", "play something random in the office"),
            ("StopPlayer", "stop the music everywhere"),
            ("WhatIsPlaying", "what is playing in the kitchen"),
        ],
    ),
    (
        "de",
        [
            ("PlayMusic", "spiele blue als nächstes in der küche"),
            ("QueueMusic", "füge blue zur warteschlange in der küche hinzu"),
            ("PlayMusic", "spiele meine favoriten überall"),
            ("PlayRandom", "spiele irgendwas in der küche"),
            ("StopPlayer", "stoppe die musik überall"),
            ("WhatIsPlaying", "was läuft in der küche"),
        ],
    ),
    (
        "es",
        [
            ("PlayMusic", "reproduce blue a continuación en la cocina"),
            ("QueueMusic", "añade blue a la cola en la cocina"),
            ("PlayFavourites", "pon mis favoritos en todas partes"),
            ("PlayRandom", "pon algo al azar en todas partes"),
            ("StopPlayer", "para la música por todas partes"),
            ("WhatIsPlaying", "qué está sonando en la cocina"),
        ],
    ),
    (
        "fr",
        [
            ("PlayMusic", "joue blue ensuite dans la cuisine"),
            ("QueueMusic", "ajoute blue à la file d'attente dans la cuisine"),
            ("PlayMusic", "joue mes favoris partout"),
            ("PlayRandom", "mets quelque chose au hasard dans la cuisine"),
            ("StopPlayer", "arrête la musique partout"),
            ("WhatIsPlaying", "qu'est ce qui joue dans la cuisine"),
        ],
    ),
    (
        "it",
        [
            ("PlayMusic", "metti blue dopo in cucina"),
            ("QueueMusic", "aggiungi blue alla coda in cucina"),
            ("PlayMusic", "metti i miei preferiti ovunque"),
            ("PlayRandom", "metti qualcosa a caso in cucina"),
            ("StopPlayer", "ferma la musica ovunque"),
            ("WhatIsPlaying", "cosa sta suonando in cucina"),
        ],
    ),
    (
        "nl",
        [
            ("PlayMusic", "speel blue hierna in de keuken"),
            ("QueueMusic", "voeg blue toe aan de wachtrij in de keuken"),
            ("PlayMusic", "speel mijn favorieten overal"),
            ("PlayRandom", "speel iets willekeurigs in de keuken"),
            ("StopPlayer", "stop de muziek overal"),
            ("WhatIsPlaying", "wat speelt er in de keuken"),
        ],
    ),
    (
        "pt",
        [
            ("PlayMusic", "toque blue a seguir na cozinha"),
            ("QueueMusic", "adicione blue à fila na cozinha"),
            ("PlayFavourites", "toque meus favoritos em toda a casa"),
            ("PlayRandom", "toque qualquer coisa em toda a casa"),
            ("StopPlayer", "pare a música por toda a casa"),
            ("WhatIsPlaying", "o que está tocando na cozinha"),
        ],
    ),
    (
        "ja",
        [
            ("PlayNextUp", "次に キッチンでブルー を再生して"),
            ("QueueMusic", "キッチンでブルー をキューに追加して"),
            ("PlayFavourites", "家中 でお気に入りを再生して"),
            ("PlayRandom", "家中 で何かかけて"),
            ("StopPlayer", "家中 で音楽を止めて"),
            ("WhatIsPlaying", "キッチン で何が流れている"),
        ],
    ),
    (
        "hi",
        [
            ("PlayNextUp", "किचन में ब्लू इसके बाद चलाओ"),
            ("QueueMusic", "किचन में ब्लू कतार में जोड़ो"),
            ("PlayMusic", "हर जगह मेरे पसंदीदा गाने चलाओ"),
            ("PlayRandom", "किचन में कुछ भी चलाओ"),
            ("StopPlayer", "हर जगह संगीत बंद करो"),
            ("WhatIsPlaying", "किचन में क्या चल रहा है"),
        ],
    ),
    (
        "ar",
        [
            ("PlayMusic", "شغل بلو بعد ذلك في المطبخ"),
            ("QueueMusic", "أضف بلو إلى قائمة الانتظار في المطبخ"),
            ("PlayFavourites", "شغل المفضلة في كل مكان"),
            ("PlayRandom", "شغل أي شيء في كل مكان"),
            ("StopPlayer", "أوقف الموسيقى في كل مكان"),
            ("WhatIsPlaying", "ماذا يعمل الآن في المطبخ"),
        ],
    ),
];

#[test]
fn every_locale_understands_rooms_and_everywhere() {
    for (voice, model) in models() {
        let (samples, players) = (samples(&model), players(&model));
        let (_, sentences) = IN_ROOMS.iter().find(|(code, _)| voice.locale().starts_with(code)).unwrap();
        for (intent, sentence) in sentences {
            let fitting = samples.iter().filter(|sample| sample.fits(sentence, &players));
            let closest = fitting.max_by_key(|sample| sample.fixed()).map(|sample| sample.intent.as_str());
            assert_eq!(closest, Some(*intent), "{}: {sentence}", voice.locale());
        }
        for intent in ["MoreLikeThis", "WhatIsPlaying", "LikeThis", "UnlikeThis", "PlayRandom"] {
            let rooms = voice.samples(intent).iter().filter(|sample| sample.contains("{player}"));
            assert!(rooms.count() >= 2, "{} {intent}", voice.locale());
        }
    }
}

/// The sentences of the documentation, as `(locale, sentence)`.
fn documented() -> Vec<(&'static str, String)> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/voice.md");
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    rows.flat_map(|row| {
        let sentences: Vec<String> = row.split('`').skip(1).step_by(2).map(str::to_lowercase).collect();
        ["en-GB", "de-DE"].into_iter().zip(sentences)
    })
    .collect()
}

#[test]
fn what_the_documentation_says_is_understood() {
    let mut understood: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (locale, sentence) in documented() {
        let model = model(LocaleSpec::of(locale).unwrap());
        let (samples, players) = (samples(&model), players(&model));
        let times = ["30 minuten", "30 minutes", "30 sekunden", "30 seconds"];
        let heard =
            times.iter().fold(sentence.clone(), |heard, time| heard.replace(time, TIME)).replace("40", LEVEL);
        let closest = samples.iter().filter(|sample| sample.fits(&heard, &players)).max_by_key(|s| s.fixed());
        let closest = closest.unwrap_or_else(|| panic!("{locale}: {sentence}"));
        understood.entry(locale).or_default().insert(closest.intent.clone());
    }
    for (locale, intents) in understood {
        // All but those that pick a suggestion.
        let all: BTreeSet<String> = MUSIC_INTENTS
            .iter()
            .map(|intent| intent.name.to_owned())
            .filter(|name| !name.starts_with("Pick"))
            .collect();
        assert_eq!(intents, all, "{locale}");
    }
}
