"""runs.py: one run of lambda-sandbox, and all that it tells."""
import dataclasses
import json
import os
import signal
import subprocess
import tempfile

# The sandbox says in so many seconds at most that a run is over; an invocation takes
# one at most, a reset two more.
seconds_per_invocation = 4

# 2: something expected did not hold; the account is there nevertheless.
told_exits = (0, 2)


class RunError(Exception):
    """The sandbox did not give an account."""


@dataclasses.dataclass
class Run:
    account: dict
    lines: list  # as the APM Server stand-in received them
    log: list  # what the extension's processes said, one after the other
    odd_output: list  # lines of theirs that are no log records
    environment: dict = dataclasses.field(default_factory=dict)  # of the extension


def read_json_lines(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return [json.loads(line) for line in file if line.strip()]


def read_log(path):
    records, odd = [], []
    if not os.path.exists(path):
        return records, odd
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                records.append(json.loads(line))
            except ValueError:
                odd.append(line.rstrip("\n"))  # of a process that was killed while it wrote
    return records, odd


def run_sandbox(sandbox, extension, scenario, keep_in=None):
    """Runs a scenario of plans.py. `keep_in`: folder in which all of it stays."""
    with tempfile.TemporaryDirectory() as folder:
        folder = keep_in or folder
        os.makedirs(folder, exist_ok=True)
        scenario = dict(scenario)
        environment = scenario.pop("extension_environment", {})
        plan = os.path.join(folder, "scenario.json")
        with open(plan, "w", encoding="utf-8") as file:
            json.dump(scenario, file, indent=1)
        account_path = os.path.join(folder, "account.json")
        arguments = [sandbox, "--extension", extension, f"--json={account_path}", "--log-dir", folder]
        for name, value in environment.items():
            arguments += ["--extension-env", f"{name}={value}"]
        timeout_s = 30 + seconds_per_invocation * len(scenario["invocations"])
        child = subprocess.Popen([*arguments, plan], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, text=True, errors="replace")
        try:
            _, said = child.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGTERM)
            child.communicate()
            raise RunError(f"the sandbox did not come to its end in {timeout_s} s") from None
        except BaseException:
            child.kill()
            child.wait()
            raise
        if child.returncode not in told_exits:
            raise RunError(f"lambda-sandbox ended with status {child.returncode}: {said.strip()}")
        with open(account_path, encoding="utf-8") as file:
            account = json.load(file)
        log, odd = read_log(os.path.join(folder, f"{os.path.basename(extension)}.stdout.log"))
        odd += read_log(os.path.join(folder, f"{os.path.basename(extension)}.stderr.log"))[1]
        return Run(account, read_json_lines(os.path.join(folder, "received-lines.ndjson")), log, odd, environment)
