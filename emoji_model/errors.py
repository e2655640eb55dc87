"""The one error that means "the input is at fault": shown to people as it is, never with a traceback."""


class InputError(ValueError):
    """Bad input from outside (a file, a folder, an option); its text says what, where, and how to mend it."""
