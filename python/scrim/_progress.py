"""Bars, where tqdm is installed; nothing is printed where it is not."""


def bar(items, stage, shown, total=None):
    """`items` with a bar named `stage`, if it is to be shown and tqdm is there."""
    if not shown:
        return items
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return items
    return tqdm(items, desc=stage, total=total, leave=False)


def note(items, text):
    """Short figures behind the bar."""
    if hasattr(items, "set_postfix_str"):
        items.set_postfix_str(text, refresh=False)
