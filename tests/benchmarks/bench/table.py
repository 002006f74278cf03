"""table.py: the result for people: one aligned table."""

_number_width = 10
_spread_width = 22
_ratio = "ratio"

# From this load for each core on, others take the processor away too often.
_load_max = 0.5


def _format(value, unit):
    """Three digits behind the point for little, fewer for much; counts as
    they are."""
    if value is None:
        return "-"
    if unit == _ratio:
        return f"{value:.2f}"
    if unit != "ms" and value == int(value):
        return f"{value:d}" if isinstance(value, int) else f"{value:.0f}"
    if unit == "KiB":
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 1000 else f"{value:.3f}" if abs(value) < 10 else f"{value:.2f}"


def _cells(summary, unit, is_constant):
    median = _format(summary["median"], unit)
    if is_constant or summary["median"] is None or len(summary["values"]) == 1:
        spread = ""
    else:
        spread = f"{_format(summary['min'], unit)} .. {_format(summary['max'], unit)}"
    return f"{median:>{_number_width}}{spread:>{_spread_width}}"


def _heading(names, label_width):
    width = _number_width + _spread_width
    first = " " * (label_width + 6) + "".join(f"{name:>{width}}" for name in names)
    second = " " * (label_width + 6) + "".join(
        f"{'median':>{_number_width}}{'min .. max of runs':>{_spread_width}}" for _ in names)
    return [first, second]


def _head(result):
    machine, commit = result["machine"], result["commit"]
    kind = ", virtual" if machine["is_virtual"] else ""
    state = {True: ", with changes", False: "", None: ""}[commit["is_dirty"]]
    yield f"machine    {machine['cpu']}, {machine['cores']} cores{kind}, {machine['architecture']}, Linux {machine['kernel']}"
    load = result["load_average_before"]
    warning = ": this machine is busy, do not trust absolute figures" if load > _load_max * machine["cores"] else ""
    yield f"load       {load:.2f} before, {result['load_average_after']:.2f} after{warning}"
    yield f"commit     {(commit['id'] or 'unknown')[:12]}{state}"
    for program in result["programs"]:
        settings = "".join(f" {name}={value}" for name, value in program["environment"].items())
        yield f"{program['name']:<10} {program['path']}, sha256 {program['sha256'][:12]}{settings}"


def _measurement(measurement, programs, label_width, told):
    figures = measurement["figures"]
    shown = [*programs, *(name for name in figures[0]["programs"] if name not in programs)]
    above = list(figures[0].get("above_floor", ()))
    columns = [*shown, *(f"{name} - floor" for name in above), *(f"{name} / {programs[0]}" for name in programs[1:])]
    yield ""
    yield (f"{measurement['name']}: {measurement['title']}; "
           f"{measurement['runs']} run{'s' if measurement['runs'] > 1 else ''}, {measurement['duration_s']:.0f} s")
    yield from _heading(columns, label_width)
    for figure in figures:
        cells = "".join(_cells(figure["programs"][name], figure["unit"], figure["is_constant"]) for name in shown)
        cells += "".join(_cells(figure["above_floor"][name], figure["unit"], figure["is_constant"]) for name in above)
        cells += "".join(_cells(figure["ratios"][name], _ratio, figure["is_constant"]) for name in programs[1:])
        yield f"  {figure['label']:<{label_width}} {figure['unit']:<3}{cells}".rstrip()
    for note in measurement["notes"]:
        if note not in told:
            told.add(note)
            yield f"  note: {note}"
    for problem in measurement["problems"]:
        yield "  PROBLEM: " + problem.replace("\n", "\n    ")


def table(result):
    programs = [program["name"] for program in result["programs"]]
    labels = [figure["label"] for measurement in result["measurements"] for figure in measurement["figures"]]
    label_width = max(map(len, labels))
    lines = list(_head(result))
    told = set()  # each note once, though it holds for several measurements
    for measurement in result["measurements"]:
        lines += _measurement(measurement, programs, label_width, told)
    return "\n".join(lines) + "\n"
