"""plans.py: random scenarios for lambda-sandbox, each from a `random.Random`. The
same seed makes the same scenario; what happens in it depends on the machine's pace.
"""

# The extension gives a request up after that, so that a server that hangs costs no
# more: of a run's seconds few shall be waiting.
forwarder_timeout_ms = 300

# An invocation that hangs is killed then; the extension's 200 ms before it included.
hang_timeout_ms = 400

# What ends the function, and with it the sandbox.
deadly_outcomes = ("hang", "exit", "crash", "throw")


def server_rule(random):
    """One thing that the APM Server does instead of accepting, or in its own time."""
    return random.choice([
        lambda: {"accept": True, "times": random.randint(1, 8)},
        lambda: {"accept": True, "delay_ms": random.randint(1, 60)},
        lambda: {"status": random.choice([500, 502, 503]), "times": random.randint(1, 2)},
        lambda: {"status": 429, "headers": {"Retry-After": "1"}},
        lambda: {"status": 503, "accepted": random.randint(0, 6),
                 "body": {"accepted": 0, "errors": [{"message": "queue is full"}]}},
        lambda: {"status": 400, "accepted": random.randint(0, 6),
                 "body": {"accepted": 0, "errors": [{"message": "some are bad"}]}},
        lambda: {"close": random.choice(["before_body", "after_body"])},
        # It has them, and the answer is lost: who sends again sends twice.
        lambda: {"close": "after_body", "accepted": 1_000_000},
        lambda: {"hang": True},
        lambda: {"refuse_ms": random.randint(20, 400)},
    ])()


def server_rules(random, count):
    rules = []
    for _ in range(count):
        rules.append({"accept": True, "times": random.randint(1, 6)})
        rule = server_rule(random)
        # What the answer says was accepted is what was.
        if "body" in rule:
            rule["body"]["accepted"] = rule["accepted"]
        rules.append(rule)
    return rules


def function_script(random, agent):
    script = {
        "agent": agent,
        "spans": random.choice([0, 1, 3, 3, 10, 40]),
        "span_bytes": random.choice([100, 300, 300, 3000]),
        "errors": random.choice([0, 0, 0, 1]),
        "work_ms": random.randint(0, 15),
        "logs": {"count": random.choice([0, 1, 5, 40]), "bytes": random.randint(20, 400)},
    }
    if random.random() < 0.1:
        script.update(flush=False)
    if random.random() < 0.1:
        script.update(data_delay_ms=random.randint(1, 30))
    if random.random() < 0.1:
        script.update(late_spans=random.randint(1, 5), late_logs=random.randint(0, 3))
    return script


def big_script(random, agent):
    """As much as takes a while to write to disk and to read again."""
    return {"agent": agent, "spans": 200, "span_bytes": random.randint(2_000, 8_000), "work_ms": 5}


def kill(random, phase):
    after_ms_max = {"pause": 25, "init": 60, "invoke": 45, "shutdown": 900}[phase]
    planned = {"phase": phase, "after_ms": round(random.uniform(0, after_ms_max), 3)}
    # Taking what was left and leaving what is held are moments of their own.
    if phase in ("init", "shutdown") and random.random() < 0.5:
        planned.update(at_file=True, after_ms=round(random.uniform(0, 20), 3))
    return planned


def invocations(random, count, agent, kills, deaths, big=0.0):
    """`kills`, `deaths`, `big`: share of the invocations that have one."""
    planned = []
    is_reset = False  # the invocation before ended, or may have ended, the sandbox
    for _ in range(count):
        one = {"after_ms": random.randint(0, 20)}
        script = big_script(random, agent) if random.random() < big else function_script(random, agent)
        if random.random() < deaths:
            script.update(outcome=random.choice(deadly_outcomes), register=False)
            one["timeout_ms"] = hang_timeout_ms
        is_deadly = "outcome" in script
        one["function"] = script
        if random.random() < kills:
            phases = ["invoke", "invoke", "pause"] + ["init"] * 2 * is_reset + ["shutdown"] * 3 * is_deadly
            one["kill_extension"] = kill(random, random.choice(phases))
        is_reset = is_deadly or "kill_extension" in one
        planned.append(one)
    # Whoever was killed last has a process after it, which says what was lost. A
    # kill may still come while the first of these is about to begin.
    planned += [{"after_ms": 20, "function": function_script(random, agent)} for _ in range(2)]
    return planned


def scenario(random, count, rules, kills=0.0, deaths=0.0, big=0.0, tls=False, strategy=None, environment=None):
    agent = random.choice(["node", "python", "java"])
    server = {"behaviour": server_rules(random, rules)}
    if tls:
        server["tls"] = True
    return {
        "apm_server": server,
        "extension_environment": {
            "ELASTIC_APM_SEND_STRATEGY": strategy or random.choice(["syncflush", "background"]),
            "ELASTIC_APM_DATA_FORWARDER_TIMEOUT": f"{forwarder_timeout_ms}ms",
            **(environment or {}),
        },
        "invocations": invocations(random, count, agent, kills, deaths, big),
        "shutdown": {"after_ms": 20},
        # The ledger looks at these itself.
        "expect": {"lines_missing": None, "lines_twice": None},
    }
