"""Every limit of the project, one named constant each, with its reason.

Each can be overridden by an environment variable `EMOJI_MODEL_<NAME>`, read once at import:

- `SENTENCE_CHARACTERS` (2,000): longest sentence that is read; one screen of text, read in some 15 ms.
- `TOP_K` (50): most emoji a caller can ask for at once; more does not fit a page.
- `BATCH_SENTENCES` (256): sentences that go through the network together; 256 x 60 x 512 floats are 31 MB.
- `MODEL_BYTES` (64 MB): largest weights file that is opened; the largest shipped one is under 9 MB.
- `CONFIG_BYTES` (4 MB): largest `config.json` that is parsed; it holds a model's own words, some 8 bytes each.
- `MODEL_CLASSES` (1,000): most classes a model may have.
- `MODEL_UNITS` (1,024): widest recurrent layer that is accepted.
- `MODEL_LAYERS` (8): deepest recurrent stack that is accepted.
- `CSV_BYTES` (20 MB), `CSV_ROWS` (200,000), `CSV_COLUMNS` (1,000): largest CSV that is read; 45,000 tweets are 3.6 MB.
- `LABEL_CHARACTERS` (60): longest label; longer cells are prose, not labels.
- `TRAINING_EPOCHS` (60): most epochs that can be asked for.
- `TRAINING_ROWS` (50,000): most sentences one training on the page takes; 45,000 tweets take some minutes.
- `TRAINING_SECONDS` (900), `TRAINING_BYTES` (3.5 GB): time and memory of one training on the page; a free Space has
  16 GB, and 45,000 tweets need less than 3.
- `TRAINING_WAITING` (4): trainings that may wait for the one that runs; longer, and people leave.
- `SESSIONS` (50), `SESSION_MODELS` (4): visitors with files of their own at once, and how many models one may hold:
  with one CSV and the zips of their models that is under 200 MB each.
- `HUB_WEIGHTS` (4 million): largest network a visitor may load from the Hub; the everyday one has half a million, and
  each sentence of a larger one takes the time of others.
- `SESSION_SECONDS` (3,600): how long a visitor's files are kept while nothing is done with them.

Not covered here: what a host allows beyond that, which only the operating system can bound.
"""

import os

_PREFIX = "EMOJI_MODEL_"


def _limit(name: str, default: int) -> int:
    """`default`, or the whole number above zero that the environment sets for `name`."""
    text = os.environ.get(_PREFIX + name, "")
    if not text:
        return default
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise SystemExit(f"{_PREFIX}{name} must be a whole number above zero. Received: {text!r}")
    return value


SENTENCE_CHARACTERS = _limit("SENTENCE_CHARACTERS", 2_000)
TOP_K = _limit("TOP_K", 50)
BATCH_SENTENCES = _limit("BATCH_SENTENCES", 256)
MODEL_BYTES = _limit("MODEL_BYTES", 64_000_000)
CONFIG_BYTES = _limit("CONFIG_BYTES", 4_000_000)
MODEL_CLASSES = _limit("MODEL_CLASSES", 1_000)
MODEL_UNITS = _limit("MODEL_UNITS", 1_024)
MODEL_LAYERS = _limit("MODEL_LAYERS", 8)
CSV_BYTES = _limit("CSV_BYTES", 20_000_000)
CSV_ROWS = _limit("CSV_ROWS", 200_000)
CSV_COLUMNS = _limit("CSV_COLUMNS", 1_000)
LABEL_CHARACTERS = _limit("LABEL_CHARACTERS", 60)
TRAINING_EPOCHS = _limit("TRAINING_EPOCHS", 60)
TRAINING_ROWS = _limit("TRAINING_ROWS", 50_000)
TRAINING_SECONDS = _limit("TRAINING_SECONDS", 900)
TRAINING_BYTES = _limit("TRAINING_BYTES", 3_500_000_000)
TRAINING_WAITING = _limit("TRAINING_WAITING", 4)
SESSIONS = _limit("SESSIONS", 50)
SESSION_MODELS = _limit("SESSION_MODELS", 4)
SESSION_SECONDS = _limit("SESSION_SECONDS", 3_600)
HUB_WEIGHTS = _limit("HUB_WEIGHTS", 4_000_000)
