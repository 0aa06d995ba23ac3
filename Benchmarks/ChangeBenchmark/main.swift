// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

// Serves a declarative file and changes one of its routes a number of times a second, through the same control
// plane and engine as the gateway: what does a change cost the traffic? Benchmarks/routes.py drives it.
//
//   ChangeBenchmark FILE PORT CHANGES-PER-SECOND SECONDS

import GibbonControl
import GibbonCore
import GibbonDNS
import GibbonEngine
import GibbonIO
import GibbonModel
import GibbonPlugins
import GibbonRouting
import GibbonSchema
import GibbonStore
import Glibc

func say(_ text: String, to descriptor: Int32 = 1) {
  var line = Array("\(text)\n".utf8)
  _ = write(descriptor, &line, line.count)
}

func fail(_ text: String) -> Never {
  say("ChangeBenchmark: \(text)", to: 2)
  exit(2)
}

func readFile(_ path: String) -> [UInt8]? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 20)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}

let arguments = CommandLine.arguments
guard arguments.count == 5, let port = UInt16(arguments[2]), let rate = Int(arguments[3]), rate >= 0,
  let seconds = Int(arguments[4]), let bytes = readFile(arguments[1])
else { fail("usage: ChangeBenchmark FILE PORT CHANGES-PER-SECOND SECONDS") }

let registry = PluginRegistry(BundledPlugins.all)
let parser = DeclarativeParser(
  registry: EntityRegistry(plugins: registry.schemas), validator: Validator(now: 0))
let began = Clock.monotonicMicroseconds
guard case .success(let configuration) = parser.parse(bytes) else { fail("\(arguments[1]) has errors") }
let parsed = Clock.monotonicMicroseconds
let control = ControlPlane(plugins: registry, flavor: .traditionalCompatible, nodeID: EntityID.random())
let first = try control.snapshot(of: configuration)
let built = Clock.monotonicMicroseconds

let logs = try LogWriter()
let errorLog = ErrorLog(file: try logs.open(path: "/dev/stderr"), level: .error, processID: getpid())
var settings = EngineSettings()
settings.listeners = [ListenerSettings(address: .internet(.loopbackV4, port: port))]
let engine = try Engine(
  settings: settings, snapshot: first.snapshot, errorLog: errorLog, resolver: try Resolver(settings: ResolverSettings())
)
try engine.listen()
ProcessLimits.tidyHeap()
guard var changing = configuration.routes.last else { fail("no routes") }
// The first change after a large load also sorts what the allocator got back from it: 25 to 60 ms, once, on the
// control thread. It is not what this measures.
changing.paths = ["/changing/first"]
if let next = control.snapshot(putting: [changing]) { engine.use(next.snapshot) }
say("ready parse_ms=\((parsed - began) / 1000) build_ms=\((built - parsed) / 1000)")

var costs: [UInt64] = []
for change in 0..<max(1, rate) * seconds {
  usleep(useconds_t(1_000_000 / max(1, rate)))
  if rate == 0 { continue }
  let start = Clock.monotonicMicroseconds
  changing.paths = ["/changing/\(change)"]
  if let next = control.snapshot(putting: [changing]) { engine.use(next.snapshot) }
  costs.append(Clock.monotonicMicroseconds - start)
}
costs.sort()
if let median = costs.isEmpty ? nil : costs[costs.count / 2], let worst = costs.last {
  say("changes=\(costs.count) median_us=\(median) worst_us=\(worst)")
}
engine.shutDown()
logs.close()
