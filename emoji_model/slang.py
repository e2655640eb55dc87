"""Chat spellings and the words they stand for, as GloVe's own tokenizer would have written them.

GloVe 6B was trained on newspapers and Wikipedia: it lacks most of these, or knows them as
something else ("u" as a letter, "ty" as a name).
"""

CONTRACTIONS = {
    "aint": "is n't", "arent": "are n't", "cant": "ca n't", "couldnt": "could n't",
    "didnt": "did n't", "doesnt": "does n't", "dont": "do n't", "hadnt": "had n't",
    "hasnt": "has n't", "havent": "have n't", "isnt": "is n't", "mustnt": "must n't",
    "shouldnt": "should n't", "wasnt": "was n't", "werent": "were n't", "wont": "wo n't",
    "wouldnt": "would n't", "hes": "he 's", "heres": "here 's", "hows": "how 's",
    "im": "i 'm", "itll": "it 'll", "ive": "i 've", "lets": "let 's", "shes": "she 's",
    "thats": "that 's", "theres": "there 's", "theyll": "they 'll", "theyre": "they 're",
    "theyve": "they 've", "weve": "we 've", "whats": "what 's", "wheres": "where 's",
    "whos": "who 's", "youd": "you 'd", "youll": "you 'll", "youre": "you 're",
    "youve": "you 've", "yall": "you all", "y'all": "you all",
}  # fmt: skip

ABBREVIATIONS = {
    "2day": "today", "2morrow": "tomorrow", "2nite": "tonight", "b4": "before", "bc": "because",
    "bday": "birthday", "bf": "boyfriend", "bff": "best friend", "brb": "be right back",
    "btw": "by the way", "cuz": "because", "da": "the", "fave": "favorite", "fav": "favorite",
    "gf": "girlfriend", "gn": "good night", "gr8": "great", "hbd": "happy birthday",
    "hmu": "call me", "idc": "i do n't care", "idgaf": "i do n't care", "idk": "i do n't know",
    "ikr": "i know right", "ily": "i love you", "ilysm": "i love you so much",
    "imo": "in my opinion", "irl": "in real life", "jk": "just kidding", "k": "okay",
    "l8r": "later", "lmao": "lol", "lmfao": "lol", "luv": "love", "ngl": "not gonna lie",
    "np": "no problem", "nvm": "never mind", "omfg": "oh my god", "omg": "oh my god",
    "omw": "on my way", "pls": "please", "plz": "please", "ppl": "people", "r": "are",
    "rn": "right now", "rofl": "lol", "smh": "shaking my head", "sry": "sorry", "tbf": "to be fair",
    "tbh": "to be honest", "tho": "though", "thru": "through", "thx": "thanks", "tmr": "tomorrow",
    "tmrw": "tomorrow", "tmw": "tomorrow", "tnx": "thanks", "tonite": "tonight",
    "ttyl": "talk to you later", "ty": "thank you", "tysm": "thank you so much", "u": "you",
    "ur": "your", "urself": "yourself", "wknd": "weekend", "wtf": "what the hell",
    "wyd": "what are you doing", "xmas": "christmas", "ya": "you", "yw": "you are welcome",
    "lmk": "let me know", "asap": "quickly", "bestie": "best friend", "besties": "best friends",
    "selfie": "self portrait", "selfies": "self portraits", "hangry": "hungry angry",
    "tiktok": "video app", "covid": "virus flu", "emoji": "smiley", "emojis": "smileys",
}  # fmt: skip

EXPANSIONS = {word: tuple(text.split()) for word, text in (CONTRACTIONS | ABBREVIATIONS).items()}

# Whole words although rare in newspapers: never completed to a longer one while being typed.
WHOLE_WORDS = frozenset(
    [
        "aww",
        "brie",
        "emo",
        "ew",
        "fam",
        "fart",
        "gif",
        "gn",
        "haha",
        "hehe",
        "insta",
        "legit",
        "lol",
        "mac",
        "nah",
        "nan",
        "nap",
        "omg",
        "pho",
        "psych",
        "pup",
        "pls",
        "smh",
        "sup",
        "thx",
        "vid",
        "wtf",
        "yas",
        "yay",
        "yea",
        "yum",
        "yup",
        "ugh",
        "hmm",
        "carne",
        "edm",
        "ramen",
    ]
)
