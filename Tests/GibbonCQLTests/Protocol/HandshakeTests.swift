// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonCQL
import Testing

@Suite struct HandshakeTests {
  private func supported(_ versions: [String]) -> Response { .supported(["PROTOCOL_VERSIONS": versions]) }

  private func settings(_ username: String? = nil, _ password: String? = nil) -> CQLSettings {
    var settings = CQLSettings()
    settings.username = username
    settings.password = password
    return settings
  }

  @Test(arguments: [
    (["3/v3", "4/v4", "5/v5", "6/v6-beta"], CQLVersion.v5), (["3/v3", "4/v4", "5/v5-beta"], .v4), (["3/v3"], .v3),
  ])
  func `the newest version that is no beta is taken`(_ versions: [String], _ version: CQLVersion) {
    var handshake = Handshake(self.settings())
    #expect(handshake.begin() == .send(.options))
    #expect(handshake.version == .v4)
    #expect(handshake.receive(self.supported(versions)) == .send(.startup))
    #expect(handshake.version == version)
    #expect(handshake.receive(.ready) == .done)
  }

  @Test func `a server that speaks nothing of ours is unavailable`() {
    var handshake = Handshake(self.settings())
    guard case .fail(.unavailable) = handshake.receive(self.supported(["6/v6-beta"])) else {
      Issue.record("not refused")
      return
    }
  }

  @Test func `a refused version leads to the one before it`() {
    let refusal = Response.error(ServerError(code: 0x000A, message: "any words"))
    var first = Handshake(self.settings())
    #expect(first.receive(refusal) == .again(.v3))
    var second = Handshake(self.settings(), first: .v3)
    #expect(second.version == .v3)
    guard case .fail(.refused(0x000A, _)) = second.receive(refusal) else {
      Issue.record("not the end")
      return
    }
    var started = Handshake(self.settings())
    _ = started.receive(self.supported(["4/v4", "5/v5"]))
    #expect(started.receive(refusal) == .again(.v4))
  }

  @Test func `a password is sent where one is asked for`() {
    var handshake = Handshake(self.settings("us", "pw"))
    _ = handshake.receive(self.supported(["4/v4"]))
    #expect(handshake.receive(.authenticate("P")) == .send(.authResponse([0] + "us".utf8 + [0] + "pw".utf8)))
    #expect(handshake.receive(.authSuccess) == .done)
  }

  @Test func `without a password, or with a wrong one, it is refused`() {
    var without = Handshake(self.settings())
    _ = without.receive(self.supported(["4/v4"]))
    guard case .fail(.refused(0x0100, _)) = without.receive(.authenticate("P")) else {
      Issue.record("not refused")
      return
    }
    var wrong = Handshake(self.settings("a", "b"))
    _ = wrong.receive(self.supported(["4/v4"]))
    _ = wrong.receive(.authenticate("P"))
    #expect(wrong.receive(.error(ServerError(code: 0x0100, message: "bad"))) == .fail(.refused(code: 0x0100, "bad")))
  }

  @Test func `an authenticator that never ends is given up`() {
    var handshake = Handshake(self.settings("a", "b"))
    _ = handshake.receive(self.supported(["4/v4"]))
    var step = handshake.receive(.authenticate("P"))
    for _ in 0..<10 { if case .send = step { step = handshake.receive(.authChallenge([])) } }
    guard case .fail = step else {
      Issue.record("still asking")
      return
    }
  }

  @Test func `answers out of turn are malformed`() {
    for response in [Response.ready, .authSuccess, .authChallenge([]), .result(.void)] {
      var handshake = Handshake(self.settings())
      guard case .fail(.malformed) = handshake.receive(response) else {
        Issue.record("taken: \(response)")
        continue
      }
    }
  }
}
