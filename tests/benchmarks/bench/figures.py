"""figures.py: values of runs, and what is told of them: median and spread."""
import dataclasses
import math
import statistics


@dataclasses.dataclass(frozen=True)
class Figure:
    name: str   # in JSON; its unit last
    label: str  # in the table
    unit: str   # "" for a plain number
    is_constant: bool = False  # the same in every run, such as a file's size


def percentile(values, percent):
    """Nearest rank: the least value that percent % of all do not exceed, so
    always one that was measured."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def distribution(name, values):
    """Figures of one run's samples, by name; nothing without samples."""
    if not values:
        return {}
    return {
        f"{name}_median_ms": statistics.median(values),
        f"{name}_p90_ms": percentile(values, 90),
        f"{name}_p99_ms": percentile(values, 99),
        f"{name}_min_ms": min(values),
        f"{name}_max_ms": max(values),
    }


def summary(values):
    """Of the runs' values; None stands for a run without."""
    known = [value for value in values if value is not None]
    if not known:
        return {"values": values, "median": None, "min": None, "max": None}
    return {
        "values": values,
        "median": statistics.median(known),
        "min": min(known),
        "max": max(known),
    }


def ratio(values, base):
    """Run by run, as the programs took turns; None where there is none."""
    return summary([
        value / other if value is not None and other else None
        for value, other in zip(values, base)
    ])


def difference(values, base):
    """Run by run, as ratio()."""
    return summary([
        value - other if value is not None and other is not None else None
        for value, other in zip(values, base)
    ])
