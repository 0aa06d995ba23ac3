// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1
import Testing

@testable import GibbonPluginAPI

extension FakeRequest {
  /// The service has answered with this head.
  func receive(_ status: UInt16 = 200, headers: [(String, String)] = []) throws {
    let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
    let bytes = ByteBuffer("HTTP/1.1 \(status) Some Reason\r\n\(lines)\r\n")
    var parser = ResponseHeadParser(limits: .nginx)
    var head = ResponseHead()
    let result = parser.parse(bytes.span, into: &head)
    try #require(result == .complete(bytes.count))
    self.responseBytes = bytes
    self.responseHead = head
    self.hasServiceResponse = true
    self.responseSource = .service
    self.status = status
  }

  /// What the plugin makes of a body that comes in these parts, or nil when it refuses to go on.
  func filter(_ plugin: any Plugin, _ parts: [String]) throws -> String? {
    guard plugin.filtersBody(self.context) else { return parts.joined() }
    var output = ""
    for (index, text) in (parts + [""]).enumerated() {
      var part = BodyPart(bytes: ByteBuffer(text), isLast: index == parts.count)
      try plugin.bodyFilter(self.context, part: &part)
      if part.isRefused { return nil }
      guard let work = part.work else {
        output += part.bytes.string
        continue
      }
      // As the engine has it done on another thread.
      let outcome = work()
      if let warning = outcome.warning { self.warn(warning) }
      guard let bytes = outcome.bytes else { return nil }
      output += bytes.string
    }
    return output
  }
}
