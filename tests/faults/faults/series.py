"""series.py: runs one after the other, several at a time, until there are enough;
the table and the words at the end.
"""
import collections
import concurrent.futures
import os
import random
import secrets
import time

from . import ledger, runs

# Most of a run is waiting: more of them at a time than there are cores.
jobs = 4

# Of one run; the others are mostly about the same.
problems_told = 5


def add_options(parser, repository):
    built = os.path.join(repository, "build", "bin")
    parser.add_argument("--seed", help="a word or a number that makes the same runs again; by default a new one, which is printed")
    parser.add_argument("--only", type=int, metavar="RUN", help="only this run of the seed's")
    parser.add_argument("--keep", metavar="DIR", help="keep there what each run was and has told")
    parser.add_argument("--extension", default=os.path.join(built, "apm-lambda-extension"), help="its program")
    parser.add_argument("--sandbox", default=os.path.join(built, "lambda-sandbox"), help="its program")


class Series:
    """`plan`: makes a scenario of a `random.Random`; `name`: the command's."""

    def __init__(self, name, options, plan):
        self.name, self.options, self.plan = name, options, plan
        self.seed = options.seed or secrets.token_hex(4)
        self.figures, self.failed, self.runs = collections.Counter(), [], 0
        self.begin = time.monotonic()
        print(f"{name} --seed {self.seed}", flush=True)

    def seconds(self):
        return time.monotonic() - self.begin

    def _run(self, number):
        scenario = self.plan(random.Random(f"{self.seed}.{number}"))
        keep = self.options.keep and os.path.join(self.options.keep, f"run-{number}")
        try:
            run = runs.run_sandbox(self.options.sandbox, self.options.extension, scenario, keep)
        except runs.RunError as error:
            return number, collections.Counter(), [str(error)]
        deadly = [i for i, each in enumerate(scenario["invocations"]) if "outcome" in each["function"]]
        books = ledger.Ledger(run, deadly)
        return number, books.figures, books.problems

    def _take(self, ended, on_run):
        number, figures, problems = ended
        self.runs += 1
        most = max(figures.pop(ledger.peak, 0), self.figures[ledger.peak])
        self.figures.update(figures)
        self.figures[ledger.peak] = most
        for problem in problems[:problems_told]:
            print(f"run {number}: {problem}", flush=True)
        if problems:
            self.failed.append(number)
        on_run(self)

    def run(self, is_enough, on_run=lambda series: None):
        if self.options.only is not None:
            return self._take(self._run(self.options.only), on_run)
        number = 0
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            pending = set()
            while pending or not is_enough(self):
                while len(pending) < jobs and not is_enough(self):
                    number += 1
                    pending.add(pool.submit(self._run, number))
                ended, pending = concurrent.futures.wait(pending, return_when=concurrent.futures.FIRST_COMPLETED)
                for each in ended:
                    self._take(each.result(), on_run)

    def finish(self):
        """Prints the table. Returns the exit status."""
        for name, count in ledger.table(self.figures):
            print(f"  {name:32}{count:10,}")
        print(f"{self.runs} runs in {self.seconds():.0f} s; to repeat them: {self.name} --seed {self.seed}")
        if not self.failed:
            print("all books balance")
            return 0
        print(f"the books do not balance in run {', '.join(map(str, sorted(self.failed)))}; to see the first: "
              f"{self.name} --seed {self.seed} --only {min(self.failed)} --keep DIR")
        return 1
