"""How messages write numbers of things."""


def counted(n: int, thing: str) -> str:
    """Write a number with what it counts.

    Examples
    --------
    >>> counted(1, "user"), counted(2500, "user")
    ('1 user', '2,500 users')
    """
    return f"{n:,} {thing}{'' if n == 1 else 's'}"
