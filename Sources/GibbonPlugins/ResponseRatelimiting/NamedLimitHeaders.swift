// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// The headers that tell a client, and the service, of the named limits. All that does not depend on the request is
/// made ahead.
struct NamedLimitHeaders: Sendable {
  private struct Line: Sendable {
    let place: Int
    /// `X-RateLimit-Remaining-video`, up to its value.
    let summary: [UInt8]
    /// `X-RateLimit-Limit-video-minute: 5`, and the name of what is left, up to its value; for each period.
    let prefixes: [[UInt8]]
  }

  /// `X-RateLimit-Remaining-video` of each limit.
  let names: [String]
  private let lines: [Line]
  private let group: FieldGroup

  init(_ limits: [NamedLimit]) {
    self.names = limits.map { "X-RateLimit-Remaining-\($0.name)" }
    // A name that cannot stand in a field's name is counted, but not told.
    let told = limits.enumerated().filter { isFieldName($1.name) }
    self.lines = told.map { place, limit in
      Line(
        place: place, summary: Array("X-RateLimit-Remaining-\(limit.name): ".utf8),
        prefixes: limit.limits.map { period in
          let name = "\(limit.name)-\(period.period.name)"
          return Array("X-RateLimit-Limit-\(name): \(period.text)\r\nX-RateLimit-Remaining-\(name): ".utf8)
        })
    }
    self.group = FieldGroup(
      told.flatMap { _, limit in
        ["X-RateLimit-Remaining-\(limit.name)"]
          + limit.limits.flatMap {
            let name = "\(limit.name)-\($0.period.name)"
            return ["X-RateLimit-Limit-\(name)", "X-RateLimit-Remaining-\(name)"]
          }
      })
  }

  /// What the service is told: the least that is left of each limit.
  func tell(_ service: ServiceRequestView, _ remaining: [[Double]]) {
    for (name, left) in zip(self.names, remaining) {
      service.setHeader(name, PeriodLimit.text(left.min() ?? 0))
    }
  }

  /// Nothing is known; what the client says is not that.
  func tellNothing(_ service: ServiceRequestView) {
    for name in self.names { service.clearHeader(name) }
  }

  /// - Parameters:
  ///   - limits: those that this was made of.
  ///   - remaining: what was left before this response.
  ///   - amounts: what it uses.
  func write(_ limits: [NamedLimit], _ remaining: [[Double]], using amounts: [Int64], to response: ResponseView) {
    var output = ByteBuffer()
    for line in self.lines {
      let left = remaining[line.place]
      Self.append(line.summary, left.min() ?? 0, to: &output)
      for (place, limit) in limits[line.place].limits.enumerated() {
        let after = min(limit.limit, max(0, left[place] - Double(amounts[line.place])))
        Self.append(line.prefixes[place], after, to: &output)
      }
    }
    response.setHeaders(self.group, lines: output.span.array)
  }

  private static func append(_ prefix: [UInt8], _ number: Double, to output: inout ByteBuffer) {
    output.append(prefix)
    if let whole = Int(exactly: number), whole >= 0 {
      output.append(decimal: whole)
    } else {
      output.append(Array(PeriodLimit.text(number).utf8))
    }
    output.append("\r\n")
  }
}
