// app.js: a function that does what its event says, under AWS's Node.js runtime
// client and Elastic's agent. It writes what must arrive at the APM Server, one
// JSON object a line, to the file named by END_TO_END_TRUTH; check_truth.py
// compares. Members of the event (all optional):
//   spans       number of spans, in turn, of 1 ms each
//   span_bytes  length of a label on each span
//   parallel    number of spans that run at the same time
//   errors      number of captured errors
//   logs        number of console.log lines
//   work_ms     how long the handler waits before it answers
//   late_spans  number of spans that end 30 ms after the answer
//   outcome     "return" (default), "callback", "throw", "reject", "failure"
//               (callback with an error), "undefined" (never answers), "hang",
//               "exit"
'use strict'

const fs = require('fs')
const apm = require('elastic-apm-node')

const truth_file = process.env.END_TO_END_TRUTH
let request_id

function expect_line(fact) {
  if (truth_file) fs.appendFileSync(truth_file, JSON.stringify({ request_id, ...fact }) + '\n')
}

// The agent asks its filters about each line just before it sends it; about a
// transaction also when it registers it.
function expect_filtered(kind) {
  return (line) => {
    expect_line({ kind, id: line.id, ...(line.faas && { request_id: line.faas.execution }) })
    return line
  }
}
apm.addTransactionFilter(expect_filtered('transaction'))
apm.addSpanFilter(expect_filtered('span'))
apm.addErrorFilter(expect_filtered('error'))

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function run_span(name, span_bytes) {
  const span = apm.startSpan(name, 'app', 'test', 'work')
  if (span_bytes) span.setLabel('filler', 'x'.repeat(span_bytes))
  await pause(1)
  span.end()
}

async function work({ spans = 0, span_bytes = 0, parallel = 0, errors = 0, logs = 0, work_ms = 0, late_spans = 0 }) {
  for (let i = 0; i < logs; i++) {
    const message = `line ${i} of ${request_id}`
    console.log(message)
    expect_line({ kind: 'log', message })
  }
  for (let i = 0; i < spans; i++) await run_span(`span ${i}`, span_bytes)
  await Promise.all(Array.from({ length: parallel }, (_, i) => run_span(`parallel ${i}`, span_bytes)))
  for (let i = 0; i < errors; i++) apm.captureError(new Error(`error ${i}`))
  await pause(work_ms)
  for (let i = 0; i < late_spans; i++) {
    const span = apm.startSpan(`late ${i}`, 'app', 'test', 'late')
    setTimeout(() => span.end(), 30)
  }
}

exports.handler = (event, context, callback) => {
  request_id = context.awsRequestId
  const outcome = event.outcome || 'return'
  if (outcome === 'throw') throw new Error('thrown on purpose')

  const promises = {
    return: () => ({ id: request_id }),
    reject: () => Promise.reject(new Error('rejected on purpose')),
    hang: () => new Promise(() => setInterval(() => {}, 1000)),
    exit: () => process.exit(3),
  }
  const callbacks = {
    callback: () => callback(null, { id: request_id }),
    failure: () => callback(new Error('failed on purpose')),
    undefined: () => {},
  }
  const worked = work(event)
  if (outcome in promises) return worked.then(promises[outcome])
  worked.then(callbacks[outcome])
}
