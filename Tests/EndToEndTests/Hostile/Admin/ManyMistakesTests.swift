// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// A body with more mistakes than anybody reads.
@Suite struct ManyMistakesTests {
  /// 2 MB of unknown keys are not answered with as much: a hundred of them are named.
  @Test func aRefusalNamesAHundredFieldsAtMost() throws {
    let gateway = try GatewayProcess(administered: nil)
    let keys = (0..<100_000).map { "\"unknown-\($0)\":\($0)" }.joined(separator: ",")
    let reply = try gateway.admin("POST", "/services", .json(text: "{\"host\":\"h\",\(keys)}"))
    #expect(reply.status == 400)
    let fields = reply.json["fields"].keys
    #expect((2...101).contains(fields.count), "\(fields.count)")
    #expect(reply.text.utf8.count < 64 * 1024, "\(reply.text.utf8.count)")
    #expect(try gateway.admin("GET", "/services").data.isEmpty)
  }
}
