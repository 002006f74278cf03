"""ledger.py: whether the books of a run balance: what the function produced against
what the APM Server accepted and what the extension says that it lost.

  produced and taken = accepted + rejected + dropped + lost, said so + left at the end

Nothing may be missing without a word. A word may be of more than is missing, but
only for what nobody can know: lines on their way to the server when a process was
killed, accepted without an answer, or handed over without one; and lines of the
extension's own, of which the sandbox does not know.
"""
import collections
import datetime
import json
import re

killed_message = "an earlier process of this sandbox was killed, and"
left_message = "kept what could not be delivered"
unwritten_message = "what could not be delivered is lost"
shutdown_message = "shutdown"
unanswered_message = "no answer from the APM Server"

# So much later than the server's answer the extension may end an event without
# having read it, on a machine that has much to do.
late_end_ms = 5

strategy = "ELASTIC_APM_SEND_STRATEGY"

# What every metric of the extension about itself begins with.
own_sample = '"apm_lambda_extension.'

# Of all runs the most, not the sum.
peak = "own memory, KiB at most"


def key_of(line):
    """What a line is known by in `missing_lines` and `twice_lines`."""
    event = line["text"]
    if line["kind"] == "log":
        log = json.loads(event)["log"]
        return "log", log["message"].rstrip()
    if line["kind"] == "metricset" and own_sample not in event:
        execution = json.loads(event)["metricset"].get("faas", {}).get("execution")
        return "metricset", execution or event
    return line["kind"], event


def key_of_problem(problem):
    if problem["kind"] == "log":
        return "log", problem["text"].rstrip()
    if problem["kind"] == "metricset":
        return "metricset", problem["request_id"]
    return problem["kind"], problem["text"]


def table(figures):
    """Name and figure of each line of the account, in its order."""
    order = ["invocations", "invocations failed", "processes", "kills", "kills, init", "kills, invoke", "kills, idle",
             "kills, shutdown", "lines taken", "accepted", "rejected", "missing", "lost, told so", "lost, under way",
             "left at the end", "twice", peak]
    dropped = sorted(name for name in figures if name.startswith("dropped, "))
    return [(name, figures[name]) for name in order + dropped if name in figures]


class Ledger:
    """Checks one run. `problems`: a sentence for each thing that does not hold;
    `figures`: what was counted."""

    def __init__(self, run, deadly=()):
        """`deadly`: scenario indexes of invocations that may fail by themselves."""
        self.run, self.account, self.deadly = run, run.account, set(deadly)
        self.requests = {each["number"]: each for each in self.account["apm_server_requests"]}
        self.problems, self.figures = [], collections.Counter()
        self.unanswered_ms = [self._moment_of(each) for each in self._said(unanswered_message)]
        self._check_failures()
        self._check_processes()
        self._check_own_books()
        self._check_twice()
        self._check_truth()

    def _expect(self, holds, text):
        if not holds:
            self.problems.append(text)

    def _is_answered(self, request, later=None):
        """Whether whoever sent it has read the answer, before it sent `later`. It gives
        a request up when its time is over, which it says, at the end of an event,
        under syncflush, and in a SHUTDOWN: the server may have answered before it
        noticed that, above all one behind TLS."""
        if request["status"] == 0 or request["aborted"]:
            return False
        answered_ms = request["answered_ms"]
        if any(each["is_reset"] and each["begin_ms"] <= answered_ms <= each["begin_ms"] + each["duration_ms"]
               for each in self.account["shutdowns"]):
            return False
        if later and any(request["begin_ms"] <= at_ms <= later["begin_ms"] for at_ms in self.unanswered_ms):
            return False
        return self._is(strategy, "background") or not any(
            request["begin_ms"] <= turn["next_ms"] <= answered_ms + late_end_ms
            for invocation in self.account["invocations"] for turn in invocation["extensions"] if turn["next_ms"])

    def _is(self, variable, value):
        return self.run.environment.get(variable) == value

    def _moment_of(self, record):
        """When it was said, in ms from the run's begin."""
        at = datetime.datetime.fromisoformat(record["@timestamp"].replace("Z", "+00:00"))
        return at.timestamp() * 1000 - self.account["begin_unix_ms"]

    def _said(self, message):
        return [each for each in self.run.log if each["message"].startswith(message)]

    # -- what the sandbox found wrong ------------------------------------------------

    def _check_failures(self):
        for failure in self.account["failures"]:
            # Those of invocations are looked at below.
            self._expect(failure.startswith("invocation "), failure)
        for each in self.account["invocations"]:
            self.figures["invocations"] += 1
            if each["status"] in ("timeout", "failure"):
                self.figures["invocations failed"] += 1
                excused = each["extension_killed"] or each["scenario_index"] in self.deadly
                self._expect(excused, f"invocation {each['number']}: {each['status']} {each['error_type']}")
            if each["timed_out_by"] == "extension":
                self.problems.append(f"invocation {each['number']}: the extension missed the deadline")

    # -- no crash loop ---------------------------------------------------------------

    def _check_processes(self):
        kills = [each for each in self.account["kills"] if each["hit"]]
        for each in kills:
            self.figures["kills"] += 1
            self.figures[f"kills, {each['phase']}"] += 1
        for init in self.account["inits"]:
            self.figures["processes"] += 1
            end_ms = init["begin_ms"] + init["duration_ms"]
            is_hit = any(each["phase"] == "init" and init["begin_ms"] <= each["at_ms"] <= end_ms for each in kills)
            self._expect(init["status"] == "success" or is_hit,
                         f"the INIT at {init['begin_ms']} ms failed by itself: {init['error_type']}")
        for shutdown in self.account["shutdowns"]:
            for process in shutdown["processes"]:
                if not process["is_extension"] or process["killed_by_scenario"]:
                    continue
                ended = process["exit_status"] if process["signal"] is None else f"signal {process['signal']}"
                self._expect(ended == 0, f"the extension of the SHUTDOWN at {shutdown['begin_ms']} ms ended with {ended}")

    # -- its own account, as each process that ends tells it --------------------------

    def _check_own_books(self):
        for each in self._said(shutdown_message):
            received, accepted = each["total_received_lines"], each["total_accepted_lines"]
            dropped, held = each["total_dropped_lines"], each["held_lines"]
            self._expect(received == accepted + dropped + held,
                         f"books at SHUTDOWN: {received} received, but {accepted} accepted, {dropped} dropped, {held} held")
            for reason, count in re.findall(r"(\w+) (\d+)", each["total_dropped_reasons"]):
                self.figures["dropped, " + reason] += int(count)
                dropped -= int(count)
            self._expect(dropped == 0, f"books at SHUTDOWN: {dropped} lines are dropped for no reason")
        for line in self.run.odd_output:
            self._expect(line.startswith("{"), f"the extension wrote what is no log: {line[:200]}")

    # -- at least once ------------------------------------------------------------------

    def _check_twice(self):
        accepted = collections.defaultdict(list)
        for line in self.run.lines:
            if line["accepted"] and line["kind"] != "metadata":
                accepted[key_of(line)].append(self.requests[line["request"]])
        for problem in self.account["twice_lines"]:
            requests = accepted[key_of_problem(problem)]
            self.figures["twice"] += 1
            is_excused = len(requests) > 1 and not any(
                self._is_answered(one, other) for one, other in zip(requests, requests[1:]))
            self._expect(not self._is("ELASTIC_APM_LAMBDA_DELIVERY", "at_most_once"),
                         f"twice under at_most_once: {problem['kind']} {problem['text'][:160]}")
            self._expect(is_excused, f"twice, although the first was answered: {problem['kind']} {problem['text'][:160]}, in requests "
                                     + ", ".join(str(each["number"]) for each in requests))

    # -- nothing is lost without a word --------------------------------------------------

    def _rejected(self):
        """Lines that the server judged and did not accept."""
        rejected = collections.Counter()
        for line in self.run.lines:
            request = self.requests[line["request"]]
            if not line["accepted"] and line["kind"] != "metadata" and request["status"] == 400:
                rejected[key_of(line)] += 1
        return rejected

    def _missing(self):
        """How many lines are missing that the server has not rejected."""
        rejected = self._rejected()
        missing = []
        for problem in self.account["missing_lines"]:
            key = key_of_problem(problem)
            if rejected[key] > 0:
                rejected[key] -= 1
                self.figures["rejected"] += 1
            else:
                missing.append(problem)
        return missing

    def _records_of(self, loss):
        """Telemetry records in deliveries that were lost before lines were made
        of them: at most those answered last before the kill."""
        told_ms = self._moment_of(loss)
        kills = [each["at_ms"] for each in self.account["kills"] if each["hit"] and each["at_ms"] <= told_ms]
        before_ms = kills[-1] if kills else told_ms
        posts = [each for each in self.account["telemetry_posts"]
                 if each["status"] == 200 and each["answered_ms"] <= before_ms]
        posts.sort(key=lambda each: each["answered_ms"])
        return sum(each["records"] for each in posts[-loss["lost_telemetry_deliveries"]:])

    def _left(self):
        """Lines that are left to a process that never came: by the last one at its end, and in files from before."""
        last = max((i for i, each in enumerate(self.run.log) if each["message"] == shutdown_message), default=0)
        ends = self.run.log[last:]
        return sum(each["spilled_lines"] for each in ends
                   if each["message"] == shutdown_message or each["message"].startswith(left_message))

    def _check_truth(self):
        totals, figures = self.account["totals"], self.figures
        for program in self.account["programs"]:
            if program["is_extension"]:
                figures[peak] = program["own_peak_kib"]
        figures["lines taken"] += totals["lines_received"]
        figures["accepted"] += totals["lines_delivered"] - totals["lines_extension_made"]
        missing = self._missing()
        losses = self._said(killed_message)
        lost = sum(each["lost_lines"] for each in losses) + sum(each["lost_lines"] for each in self._said(unwritten_message))
        under_way = sum(each["lines_under_way"] for each in losses)
        telemetry = sum(self._records_of(each) for each in losses if each["lost_telemetry_deliveries"] > 0)
        left = self._left()
        dropped = sum(figures["dropped, " + reason] for reason in ("buffer_full", "duplicate", "ambiguous"))
        dropped += sum(each["dropped_lines"] for each in losses)
        figures.update({"missing": len(missing), "lost, told so": lost, "lost, under way": under_way,
                        "left at the end": left})
        said = lost + left + dropped
        self._expect(len(missing) <= said + telemetry,
                     f"{len(missing)} lines are missing, but only {lost} are said to be lost, {left} left, {dropped} dropped"
                     f", and {telemetry} telemetry records at most: " + "; ".join(
                         f"{each['kind']} of {each['request_id'][:8]}: {each['text'][:80]}" for each in missing[:5]))
        unanswered = sum(1 for line in self.run.lines if line["accepted"] and line["kind"] != "metadata"
                         and not self._is_answered(self.requests[line["request"]]))
        if not self._is("ELASTIC_APM_LAMBDA_SELF_METRICS", "false"):
            return  # of its own lines nobody knows how many there are
        lines = totals["lines"].get("metricset", {"extension_made": 0})
        # Each process makes a metric set of its INIT, and its substitutes, if any.
        own = figures["processes"] - lines["extension_made"]
        doubtful = under_way + unanswered + totals["lines_untaken"] + max(own, 0)
        self._expect(lost + left <= len(missing) + doubtful,
                     f"{lost} lines are said to be lost and {left} left, but only {len(missing)} are missing, and "
                     f"{under_way} were under way, {unanswered} accepted without an answer, {totals['lines_untaken']} "
                     f"handed over without one, {max(own, 0)} our own")
