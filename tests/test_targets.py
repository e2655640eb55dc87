import numpy as np
import pytest

from emoji_model.dataset import Dataset
from emoji_model.labels import label_of
from emoji_model.targets import RANK_DECAY, targets


def test_accepted_labels_share_by_rank_and_strangers_get_nothing() -> None:
    heart, pizza, dog = (label_of(y) for y in ("❤️", "🍕", "🐶"))
    dataset = Dataset(("a", "b", "c"), ((heart,), (pizza, heart), (dog, pizza)))
    wanted = targets(dataset, [heart, pizza])(np.array([2, 1, 0]))
    assert wanted.dtype == np.float32
    total = 1 + RANK_DECAY
    assert wanted == pytest.approx(np.array([[0, 1], [RANK_DECAY / total, 1 / total], [1, 0]]))
