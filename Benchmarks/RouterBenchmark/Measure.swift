// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonRouting
import Glibc

/// The headers of the sample that is matched.
final class SampleDetails: RouteRequestDetails {
  var headers: [(String, [UInt8])] = []
  var scheme: RouteScheme { .https }
  var sni: String? { nil }
  var source: RouteEndpoint? { nil }
  var destination: RouteEndpoint? { nil }
  var headerCount: Int { self.headers.count }
  var queryLength: Int { 0 }

  func visitHeaderValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {
    for index in self.headers.indices where self.headers[index].0 == name {
      let value = self.headers[index].1
      guard visit(value.span) else { return }
    }
  }

  func visitQueryValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {}
}

func nanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Bytes of memory that the process has resident.
func residentBytes() -> Int {
  let file = open("/proc/self/statm", O_RDONLY)
  defer { close(file) }
  var buffer = [UInt8](repeating: 0, count: 128)
  let count = read(file, &buffer, buffer.count)
  let fields = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
  return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4_096 : 0
}

func measure(_ table: Table) {
  let residentBefore = residentBytes()
  let start = nanoseconds()
  let build = Router.compile(table.routes, flavor: .traditionalCompatible)
  let buildTime = nanoseconds() - start
  let memory = residentBytes() - residentBefore
  guard build.problems.isEmpty else { return print("\(table.name): \(build.problems.count) problems") }

  let details = SampleDetails()
  let scratch = RouterScratch()
  for sample in table.samples where run(sample, build.router, details, scratch) != sample.handle {
    return print("\(table.name): wrong route for \(sample)")
  }
  let rounds = max(1, 400_000 / table.samples.count)
  var best = UInt64.max
  for _ in 0..<5 {
    let start = nanoseconds()
    for _ in 0..<rounds { for sample in table.samples { _ = run(sample, build.router, details, scratch) } }
    best = min(best, nanoseconds() - start)
  }
  let average = Double(best) / Double(rounds * table.samples.count)
  let fields = [
    table.name, "\(table.routes.count)", decimal(Double(buildTime) / 1e6), decimal(Double(memory) / 1e6),
    decimal(average), decimal(worst(table, build.router, details, scratch)),
    decimal(allocations(table, build.router, details, scratch)), decimal(delta(table, build.router)),
  ]
  print(fields.joined(separator: ", "))
}

func run(_ sample: Sample, _ router: Router, _ details: SampleDetails, _ scratch: RouterScratch) -> Int? {
  if !sample.headers.isEmpty { details.headers = sample.headers }
  return router.match(
    method: sample.method.span, host: sample.host.span, port: 443, path: sample.path.span, details: details,
    scratch: scratch).match?.handle
}

/// The slowest sample, each at its best of five.
func worst(_ table: Table, _ router: Router, _ details: SampleDetails, _ scratch: RouterScratch) -> Double {
  var worst: UInt64 = 0
  for sample in table.samples.prefix(1_000) {
    var best = UInt64.max
    for _ in 0..<5 {
      let start = nanoseconds()
      for _ in 0..<10 { _ = run(sample, router, details, scratch) }
      best = min(best, nanoseconds() - start)
    }
    worst = max(worst, best)
  }
  return Double(worst) / 10
}

/// Growth of the number of small and large blocks handed out, per match.
func allocations(_ table: Table, _ router: Router, _ details: SampleDetails, _ scratch: RouterScratch) -> Double {
  guard let count = allocationCounter() else { return .nan }
  let before = count()
  for sample in table.samples { _ = run(sample, router, details, scratch) }
  return Double(count() - before) / Double(table.samples.count)
}

/// What one changed route costs, the old router kept.
func delta(_ table: Table, _ router: Router) -> Double {
  var current = router
  let count = min(200, table.routes.count)
  let start = nanoseconds()
  for step in 0..<count {
    var route = table.routes[(step &* 7_919) % table.routes.count]
    route.regexPriority += 1
    current = current.replacing(removing: [route.id], adding: [route]).router
  }
  return Double(nanoseconds() - start) / Double(count) / 1_000
}

func decimal(_ value: Double) -> String {
  guard value.isFinite else { return "?" }
  let tenths = Int((value * 10).rounded())
  return "\(tenths / 10).\(abs(tenths % 10))"
}

/// A counter of calls of malloc, present when the program runs under a counting library that exports
/// `gibbon_malloc_count`.
func allocationCounter() -> (() -> Int)? {
  guard let symbol = dlsym(nil, "gibbon_malloc_count") else { return nil }
  // Safety: only the counting library exports this name, with this signature.
  let function = unsafeBitCast(symbol, to: (@convention(c) () -> Int).self)
  return { function() }
}
