"""What all Motor modules say alike."""

callback_type_error = TypeError("callback must be a callable")
"""Its words; what is raised is another of its kind."""


def check_callback(callback: object) -> None:
    """Raise `TypeError` for what cannot be called."""
    if not callable(callback):
        raise TypeError(*callback_type_error.args)
