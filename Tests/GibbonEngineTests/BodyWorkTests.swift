// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonEngine
import GibbonPluginAPI
import GibbonTesting
import Synchronization
import Testing

/// The end of a body that a helper thread makes.
@Suite struct BodyWorkTests {
  /// Gathers nothing: what it makes is the whole body.
  private static func making(_ outcome: @escaping BodyPart.Work) -> Script {
    Script(bodyFilter: { _, part in
      part.bytes = ByteBuffer()
      part.makeElsewhere(outcome)
    })
  }

  private static func fixture(_ scripts: Script...) throws -> EngineFixture {
    try EngineFixture(scripts.map(\.slot)) { try $0.respond(body: "from the service") }
  }

  @Test func itEndsTheResponse() throws {
    let fixture = try Self.fixture(Self.making { BodyPart.Outcome(bytes: ByteBuffer("made")) })
    let client = try fixture.client()
    for _ in 0..<3 {
      try client.request("GET", "/")
      let response = try client.response()
      #expect(response.status == 200 && response.text == "made")
    }
    // The service's connection was free for the next request.
    #expect(fixture.origin.connectionCount == 1)
  }

  @Test func pluginsBehindItSeeWhatWasMade() throws {
    let seen = Mutex("")
    let looking = Script(
      bodyFilter: { _, part in
        let text = part.bytes.string
        if part.isLast { seen.withLock { $0 = text } }
      }, observesBody: true)
    let upper = Script(bodyFilter: { _, part in part.bytes = ByteBuffer(part.bytes.string.uppercased()) })
    let again = Self.making { BodyPart.Outcome(bytes: ByteBuffer("second")) }
    let fixture = try Self.fixture(Self.making { BodyPart.Outcome(bytes: ByteBuffer("first")) }, again, upper, looking)
    #expect(try fixture.send().text == "SECOND")
    #expect(seen.withLock { $0 } == "SECOND")
  }

  @Test func answersOfTheGatewayWaitForItToo() throws {
    let answering = Script(access: { _ in .respond(.message(status: 418, "no")) })
    let fixture = try Self.fixture(answering, Self.making { BodyPart.Outcome(bytes: ByteBuffer("made")) })
    let client = try fixture.client()
    for _ in 0..<2 {
      try client.request("GET", "/")
      let response = try client.response()
      #expect(response.status == 418 && response.text == "made" && response["Content-Length"] == "4")
    }
  }

  @Test func aRefusalEndsTheConnection() throws {
    let fixture = try Self.fixture(Self.making { BodyPart.Outcome(bytes: nil, warning: "it cannot be made") })
    let client = try fixture.client()
    try client.request("GET", "/")
    #expect(throws: HarnessError.self) { try client.response() }
    try Deadline.wait(for: "the warning") { fixture.errorLog.contains("it cannot be made") }
    let answering = Script(access: { _ in .respond(.message(status: 418, "no")) })
    let local = try Self.fixture(answering, Self.making { BodyPart.Outcome(bytes: nil) })
    #expect(try local.send().status == 500)
  }

  @Test func aClientMayLeaveMeanwhile() throws {
    let (begun, go) = (Gate(), Gate())
    let ended = Mutex(0)
    var script = Self.making {
      begun.open()
      try? go.wait()
      return BodyPart.Outcome(bytes: ByteBuffer("made"))
    }
    script.log = { _ in ended.withLock { $0 += 1 } }
    let fixture = try Self.fixture(script)
    let client = try fixture.client()
    try client.request("GET", "/")
    try begun.wait()
    client.close()
    try Deadline.wait(for: "the log phase") { ended.withLock { $0 } == 1 }
    go.open()
    let next = try fixture.client()
    try next.request("GET", "/")
    try begun.wait()
    go.open()
    #expect(try next.response().text == "made")
    try Deadline.wait(for: "the second log phase") { ended.withLock { $0 } == 2 }
  }
}
