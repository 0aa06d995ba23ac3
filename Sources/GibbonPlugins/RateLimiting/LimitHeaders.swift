// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// The headers that tell a client of its limits. All that does not depend on the request is made ahead.
struct LimitHeaders: Sendable {
  private struct Line: Sendable {
    let limit: PeriodLimit
    /// `X-RateLimit-Limit-Minute: 5`, and the name of what is left, up to its value.
    let prefix: [UInt8]
    /// `RateLimit-Limit: 5`, and `RateLimit-Remaining`, up to its value.
    let summary: [UInt8]
  }

  private let lines: [Line]
  private let group: FieldGroup

  init(_ limits: [PeriodLimit]) {
    self.lines = limits.map { limit in
      let title = limit.period.title
      return Line(
        limit: limit,
        prefix: Array("X-RateLimit-Limit-\(title): \(limit.text)\r\nX-RateLimit-Remaining-\(title): ".utf8),
        summary: Array("RateLimit-Limit: \(limit.text)\r\nRateLimit-Remaining: ".utf8))
    }
    self.group = FieldGroup(
      limits.flatMap { ["X-RateLimit-Limit-\($0.period.title)", "X-RateLimit-Remaining-\($0.period.title)"] }
        + ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"])
  }

  func write(_ usage: Usage, exhausted: Period?, now: Int, to response: ResponseView) {
    var output = ByteBuffer()
    output.reserve(64 * (self.lines.count + 2))
    var tightest = (remaining: Int.max, place: 0)
    for (place, line) in self.lines.enumerated() {
      var left = line.limit.limit - Double(usage.counts[place])
      // This request counts too, unless it is refused for another limit's sake.
      if exhausted == nil || exhausted == line.limit.period { left -= 1 }
      let remaining = max(0, Int(clamping: left))
      output.append(line.prefix)
      output.append(decimal: remaining)
      output.append("\r\n")
      // Of equals the longer period counts.
      if remaining <= tightest.remaining { tightest = (remaining, place) }
    }
    guard self.lines.indices.contains(tightest.place) else { return }
    let line = self.lines[tightest.place]
    output.append(line.summary)
    output.append(decimal: tightest.remaining)
    let period = line.limit.period
    let reset = max(1, period.seconds - (now - period.start(of: now)))
    output.append("\r\nRateLimit-Reset: ")
    output.append(decimal: reset)
    output.append("\r\n")
    if exhausted != nil {
      output.append("Retry-After: ")
      output.append(decimal: reset)
      output.append("\r\n")
    }
    response.setHeaders(self.group, lines: output.takeBytes())
  }
}
