"""test_ledger.py: that the ledger finds what it is there to find, in accounts made
by hand. Needs nothing built. Run by ctest, or: python3 tests/faults/test_ledger.py
"""
import copy
import json
import os
import random
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from faults import ledger, plans, runs  # noqa: E402


def line(name, request=1, accepted=True):
    return {"request": request, "kind": "span", "accepted": accepted, "text": json.dumps({"span": {"id": name}})}


def problem(name):
    return {"kind": "span", "request_id": "r", "text": json.dumps({"span": {"id": name}})}


def sound_run():
    """Three lines taken and accepted; one process, which ends well."""
    account = {
        "failures": [], "kills": [], "telemetry_posts": [], "missing_lines": [], "twice_lines": [], "begin_unix_ms": 0,
        "invocations": [{"number": 1, "scenario_index": 0, "status": "success", "error_type": "", "timed_out_by": "",
                         "extension_killed": False, "extensions": [{"next_ms": None}]}],
        "inits": [{"status": "success", "error_type": "", "begin_ms": 0, "duration_ms": 40}],
        "shutdowns": [{"begin_ms": 90, "duration_ms": 5, "is_reset": False, "processes": [
            {"is_extension": True, "exit_status": 0, "signal": None, "killed_by_scenario": False}]}],
        "apm_server_requests": [{"number": number, "status": 202, "aborted": False, "begin_ms": 20 + 20 * number, "answered_ms": 21 + 20 * number} for number in (1, 2)],
        "programs": [{"is_extension": True, "own_peak_kib": 3000}],
        "totals": {"lines_received": 3, "lines_delivered": 3, "lines_extension_made": 0, "lines_untaken": 0,
                   "lines": {"metricset": {"extension_made": 1}}},
    }
    log = [{"message": "shutdown", "total_received_lines": 3, "total_accepted_lines": 3, "total_dropped_lines": 0,
            "total_dropped_reasons": "", "held_lines": 0, "spilled_lines": 0}]
    return runs.Run(account, [line("a"), line("b"), line("c")], log, [], {"ELASTIC_APM_LAMBDA_SELF_METRICS": "false"})


def loss(lines, under_way=0, deliveries=0, dropped=0):
    return {"message": "an earlier process of this sandbox was killed, and what it held is lost",
            "@timestamp": "1970-01-01T00:00:00.080Z", "lost_lines": lines, "lines_under_way": under_way,
            "lost_telemetry_deliveries": deliveries, "dropped_lines": dropped}


class LedgerTest(unittest.TestCase):
    def setUp(self):
        self.run_ = sound_run()
        self.account = self.run_.account

    def problems(self, deadly=()):
        return ledger.Ledger(copy.deepcopy(self.run_), deadly).problems

    def assert_found(self, text, deadly=()):
        problems = self.problems(deadly)
        self.assertTrue(any(text in each for each in problems), problems)

    def test_a_sound_run_has_no_problem(self):
        self.assertEqual(self.problems(), [])

    def test_a_line_that_is_missing_without_a_word(self):
        self.account["missing_lines"] = [problem("d")]
        self.assert_found("1 lines are missing")
        self.run_.log.insert(0, loss(1))
        self.assertEqual(self.problems(), [])

    def test_a_line_that_a_killed_process_had_dropped(self):
        self.account["missing_lines"] = [problem("d")]
        self.run_.log.insert(0, loss(0, dropped=1))
        self.assertEqual(self.problems(), [])

    def test_a_line_that_is_said_to_be_lost_and_is_not(self):
        self.run_.log.insert(0, loss(2))
        self.assert_found("2 lines are said to be lost")
        self.run_.log[0] = loss(2, under_way=2)
        self.assertEqual(self.problems(), [])

    def test_a_line_that_was_left_to_nobody_is_no_loss(self):
        self.account["missing_lines"] = [problem("d")]
        self.run_.log.append({"message": "kept what could not be delivered for the next", "spilled_lines": 1})
        self.assertEqual(self.problems(), [])

    def test_a_rejected_line_is_settled(self):
        self.account["missing_lines"] = [problem("d")]
        self.account["apm_server_requests"][1]["status"] = 400
        self.run_.lines.append(line("d", request=2, accepted=False))
        self.assertEqual(self.problems(), [])

    def test_telemetry_that_was_lost_before_lines_were_made(self):
        self.account["missing_lines"] = [problem("d"), problem("e")]
        self.account["kills"] = [{"at_ms": 60, "phase": "invoke", "hit": True}]
        self.account["telemetry_posts"] = [{"status": 200, "answered_ms": 50, "records": 1},
                                           {"status": 200, "answered_ms": 59, "records": 2},
                                           {"status": 200, "answered_ms": 70, "records": 9}]
        self.run_.log.insert(0, loss(0, deliveries=1))
        self.assertEqual(self.problems(), [])
        self.account["missing_lines"].append(problem("f"))
        self.assert_found("3 lines are missing")

    def test_twice_is_excused_by_a_lost_answer_alone(self):
        self.account["twice_lines"] = [problem("a")]
        self.run_.lines.append(line("a", request=2))
        self.assert_found("twice")
        self.account["apm_server_requests"][0]["status"] = 0
        self.assertEqual(self.problems(), [])

    def test_twice_is_excused_by_a_reset_that_the_answer_came_too_late_for(self):
        self.account["twice_lines"] = [problem("a")]
        self.run_.lines.append(line("a", request=2))
        self.account["shutdowns"].insert(0, {"begin_ms": 40, "duration_ms": 10, "is_reset": True, "processes": []})
        self.assertEqual(self.problems(), [])

    def test_twice_is_excused_by_the_end_of_an_event_under_syncflush(self):
        self.account["twice_lines"] = [problem("a")]
        self.run_.lines.append(line("a", request=2))
        self.account["invocations"][0]["extensions"][0]["next_ms"] = 40.5
        self.assertEqual(self.problems(), [])
        self.run_.environment["ELASTIC_APM_SEND_STRATEGY"] = "background"
        self.assert_found("twice")

    def test_twice_is_excused_by_the_word_that_there_was_no_answer(self):
        self.account["twice_lines"] = [problem("a")]
        self.run_.lines.append(line("a", request=2))
        self.run_.log.insert(0, {"message": "no answer from the APM Server: timed out",
                                 "@timestamp": "1970-01-01T00:00:00.042Z"})
        self.assertEqual(self.problems(), [])
        self.run_.log[0]["@timestamp"] = "1970-01-01T00:00:02.000Z"
        self.assert_found("twice")

    def test_twice_under_at_most_once(self):
        self.account["twice_lines"] = [problem("a")]
        self.account["apm_server_requests"][0]["status"] = 0
        self.run_.lines.append(line("a", request=2))
        self.run_.environment["ELASTIC_APM_LAMBDA_DELIVERY"] = "at_most_once"
        self.assert_found("twice under at_most_once")

    def test_a_process_that_ends_by_itself(self):
        self.account["shutdowns"][0]["processes"][0].update(exit_status=None, signal=11)
        self.assert_found("ended with signal 11")

    def test_an_init_that_fails_by_itself(self):
        self.account["inits"][0].update(status="failure", error_type="Extension.Crash")
        self.assert_found("failed by itself")
        self.account["kills"] = [{"at_ms": 20, "phase": "init", "hit": True}]
        self.assertEqual(self.problems(), [])

    def test_an_invocation_that_fails_by_itself(self):
        self.account["invocations"][0].update(status="failure")
        self.assert_found("invocation 1")
        self.assertEqual(self.problems(deadly=[0]), [])

    def test_books_of_the_extension_that_do_not_balance(self):
        self.run_.log[-1]["held_lines"] = 1
        self.assert_found("books at SHUTDOWN")

    def test_lines_that_are_dropped_for_no_reason(self):
        self.run_.log[-1].update(total_dropped_lines=2, total_accepted_lines=1, total_dropped_reasons="rejected 1")
        self.assert_found("1 lines are dropped for no reason")

    def test_what_the_sandbox_found_wrong(self):
        self.account["failures"] = ["protocol error in request 1"]
        self.assert_found("protocol error")


class PlansTest(unittest.TestCase):
    def test_the_same_seed_makes_the_same_scenario(self):
        def make(seed):
            return plans.scenario(random.Random(seed), 20, rules=5, kills=0.5, deaths=0.3)
        self.assertEqual(make("a.1"), make("a.1"))
        self.assertNotEqual(make("a.1"), make("a.2"))

    def test_the_last_invocations_are_left_alone(self):
        for seed in range(20):
            for last in plans.scenario(random.Random(seed), 5, rules=1, kills=1, deaths=1)["invocations"][-2:]:
                self.assertNotIn("kill_extension", last)
                self.assertNotIn("outcome", last["function"])


if __name__ == "__main__":
    unittest.main()
