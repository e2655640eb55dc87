"""Emoji as you type: a recurrent network over GloVe word vectors that names the emoji a sentence calls for."""

from emoji_model.errors import InputError
from emoji_model.predictor import EmojiPredictor, Prediction, Reading

__version__ = "1.0.0"
__all__ = ["EmojiPredictor", "InputError", "Prediction", "Reading", "__version__"]
