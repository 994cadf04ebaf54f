"""Numbers as people read them."""

from typing import Any

NO_BREAK = "\N{NO-BREAK SPACE}"


def number(value: float, *, zeros: bool = False) -> str:
    """Returns `value` with 3 significant digits: `0.0312`, `3.1e-5`, `26,122`; `zeros` keeps `0.110`."""
    if isinstance(value, int):
        return f"{value:,}"  # every digit, whatever its length
    if 1000 <= abs(value) < 1e6:
        return f"{value:,.0f}"
    text = (f"{value:#.3g}" if zeros else f"{value:.3g}").rstrip(".")
    mantissa, exponent, power = text.partition("e")
    return f"{mantissa}e{int(power)}" if exponent else text


def percent(fraction: float) -> str:
    """Returns a fraction as a percentage with one decimal, `97.9 %`."""
    return f"{100 * fraction:.1f}{NO_BREAK}%"


def duration(seconds: float) -> str:
    """Returns a time as `0.4 s`, `52 s`, `3 min 20 s` or `1 h 5 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f}{NO_BREAK}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}{NO_BREAK}s"
    if whole < 3600:
        return f"{whole // 60}{NO_BREAK}min" + (f" {whole % 60}{NO_BREAK}s" if whole % 60 else "")
    return f"{whole // 3600}{NO_BREAK}h {whole % 3600 // 60}{NO_BREAK}min"


def count(how_many: int, thing: str) -> str:
    """Returns `1 trial`, `12 trials` or `12 patches`."""
    return f"{how_many:,} {thing if how_many == 1 else plural(thing)}"


def plural(thing: str) -> str:
    """Returns `trials` or `patches`."""
    return f"{thing}{'es' if thing.endswith('tch') else 's'}"


def metric(name: str, value: float) -> str:
    """Returns a metric's value: accuracies in percent, everything else with 3 significant digits."""
    return percent(value) if name == "accuracy" else number(value, zeros=True)


def interval(name: str, ends: list[float]) -> str:
    """Returns a metric's interval, `97.4 to 98.4 %`."""
    low, high = ends
    if name == "accuracy":
        return f"{100 * low:.1f} to {percent(high)}"
    return f"{number(low, zeros=True)} to {number(high, zeros=True)}"


def setting(value: Any) -> str:
    """Returns the value of a hyperparameter or setting as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or (isinstance(value, dict | list | tuple) and not value):
        return "none"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {setting(entry)}" for name, entry in value.items())
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, list | tuple):
        return ", ".join(setting(entry) for entry in value)
    return str(value)


def span(searched: dict[str, Any]) -> str:
    """Returns the range of a hyperparameter, as `results.json` has it: `1e-6 to 0.01 (logarithmic)`."""
    if searched["kind"] == "OneOf":
        *others, last = map(setting, searched["values"])
        return f"{', '.join(others)} or {last}" if others else last
    ends = f"{number(searched['low'])} to {number(searched['high'])}"
    return f"{ends} (logarithmic)" if searched.get("log") else ends


def listed(words: list[str]) -> str:
    """Returns `a`, `a and b` or `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
