"""The Hugging Face Hub: fetching the files of a repository that are wanted, and publishing a folder as a new one.

What is fetched is bounded in size and never executed; what it means is decided by who asked for it.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from emoji_model.errors import InputError

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.\-]{0,95}/[A-Za-z0-9][\w.\-]{0,95}")


def is_repository(name: str) -> bool:
    """Whether a text has the form "user/name"."""
    return _REPOSITORY.fullmatch(name) is not None


def download(repository: str, files: Mapping[str, int], folder: Path | None = None) -> Path:
    """Fetches some files of a repository, and nothing else of it.

    Args:
        repository: its name, "user/name".
        files: how many bytes each may have, by its name.
        folder: where to, for a visitor, without the leave of whoever runs the app; the Hub's own cache where not given.

    Raises:
        InputError: where the name is none, there is no such repository, its files are too large, or there is no network.
    """
    if not is_repository(repository):
        raise InputError(f"A repository on the Hub is named user/name. Received: {repository[:200]!r}.")
    from huggingface_hub import snapshot_download

    token = False if folder else None
    try:
        revision, sizes = _newest(repository, token)
        if folder and not sizes:
            raise InputError(f"The Hub cannot be asked about {repository!r} right now. Try again later.")
        for name, limit in files.items():
            if sizes.get(name, 0) > limit:
                raise InputError(
                    f"{name} of {repository!r} has {sizes[name]:,} bytes, over the limit of {limit:,}. It is no model "
                    "of this project."
                )
        return Path(
            snapshot_download(repository, revision=revision, allow_patterns=[*files], local_dir=folder, token=token)
        )
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the transport raises
        raise InputError(
            f"The model {repository!r} could not be fetched from the Hub ({type(error).__name__}). Check the name and the "
            "connection."
        ) from None


def publish(repository: str, folder: str, files: Sequence[str], private: bool, token: str) -> str:
    """Uploads some files of a folder to a new repository; returns its address.

    Args:
        repository: its name, "user/name", or the name alone.
        folder: where the files lie.
        files: their names.
        private: whether its owner alone can see it.
        token: with write access; it is never stored, logged or told.

    Raises:
        InputError: where the Hub refuses or cannot be reached.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    api = HfApi(token=token)
    made = None
    try:
        made = api.create_repo(repository, private=private)
        api.upload_folder(
            repo_id=made.repo_id, folder_path=folder, allow_patterns=[*files],
            commit_message="A model trained with Emoji as you type",
        )  # fmt: skip
        address, made = str(made), None
        return address
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "no answer"
        hint = {
            401: "The token is not valid.",
            403: "The token may not write there.",
            409: "That repository exists: choose another name.",
        }
        raise InputError(f"The Hub refused ({status}). {hint.get(status, 'Check the name and the token.')}") from None
    except Exception as error:  # noqa: BLE001 - whatever the transport raises; its text could hold the token
        raise InputError(f"The Hub could not be reached ({type(error).__name__}). Try again later.") from None
    finally:
        if made is not None:  # made here a moment ago, and empty: the name is free again for the next try
            with suppress(Exception):
                api.delete_repo(made.repo_id)


def _newest(repository: str, token: bool | None) -> tuple[str | None, dict[str, int]]:
    """The newest revision of a repository and the bytes of each of its files; nothing where the Hub cannot be asked."""
    from huggingface_hub import HfApi

    try:
        info = HfApi(token=token).model_info(repository, files_metadata=True)
    except Exception:  # noqa: BLE001 - whatever the transport raises: what is in the cache can still be used
        return None, {}
    return info.sha, {file.rfilename: file.size or 0 for file in info.siblings or ()}
