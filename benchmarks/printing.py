"""One figure, one line: a JSON object. Needs nothing of Django."""

import json


def tell(name: str, value: float, unit: str, *, n: int, cpu_ms: float | None = None, note: str = "") -> None:
    """Print it. `cpu_ms` is the CPU time of one operation, of ours and the database's together."""
    cpu = None if cpu_ms is None else rounded(cpu_ms)
    figure = {"name": name, "value": rounded(value), "unit": unit, "n": n, "cpu_ms": cpu, "note": note}
    print(json.dumps(figure, ensure_ascii=False), flush=True)


def rounded(value: float) -> float:
    """Three digits are more than a shared machine can promise."""
    return float(f"{value:.3g}") if abs(value) < 1000 else round(value)
