// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import Testing

@testable import GibbonPluginAPI

/// What a client says of who it is goes no further once the gateway knows.
@Suite struct IdentityFieldsTests {
  private static func isIdentity(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    return IdentityFields.contains(bytes.span)
  }

  private static func drops(_ edits: HeaderEdits, _ name: String) -> Bool {
    let bytes = Array(name.utf8)
    return edits.drops(bytes.span)
  }

  @Test(arguments: [
    "X-Consumer-ID", "x-consumer-username", "X_Consumer_Username", "X-Consumer_Custom-ID", "X-Consumer-Groups",
    "X-Consumer-Anything", "X-Credential-Identifier", "x_credential_identifier", "X-Credential-Username",
    "X-Authenticated-Groups", "X-Authenticated-Scope", "X_AUTHENTICATED_USERID", "X-Anonymous-Consumer",
    "X_Anonymous_Consumer",
  ]) func identityIsRecognised(name: String) { #expect(Self.isIdentity(name)) }

  @Test(arguments: [
    "", "X", "X-", "X-Consumer", "Consumer-ID", "X-Consume-ID", "XX-Consumer-ID", "X-Anonymous", "X-Request-ID",
    "Y-Consumer-ID", "X\u{2010}Consumer-ID", "X-Credentials",
  ]) func othersAreNot(name: String) { #expect(!Self.isIdentity(name)) }

  @Test func aKnownClientReplacesAllOfIt() throws {
    let claims = [
      ("X_Consumer_Username", "root"), ("X-Consumer-Groups", "admin"), ("X-Authenticated-Scope", "all"),
      ("x-consumer-username", "root"), ("X-Other", "kept"),
    ]
    for isAnonymous in [false, true] {
      let request = try FakeRequest(headers: claims)
      let consumer = Consumer(username: "ann", customID: nil)
      if isAnonymous {
        request.context.client.authenticate(anonymous: consumer)
      } else {
        request.context.client.authenticate(Credential(id: .random(), consumer: consumer, fields: .null))
      }
      #expect(request.upstreamHeader("X-Consumer-Username") == ["ann"] && request.upstreamHeader("X-Other") == ["kept"])
      for name in ["X_Consumer_Username", "X-Consumer-Groups", "X-Authenticated-Scope"] {
        #expect(request.upstreamHeader(name).isEmpty && Self.drops(request.upstreamEdits, name), "\(name)")
      }
      // What a plugin says afterwards goes on.
      request.context.serviceRequest.setHeader("X-Consumer-Groups", "users")
      #expect(request.upstreamHeader("X-Consumer-Groups") == ["users"])
    }
    let unknown = try FakeRequest(headers: claims)
    unknown.context.serviceRequest.setHeader("X-Other", "new")
    #expect(unknown.upstreamHeader("X_Consumer_Username") == ["root"])
  }

  @Test func identityOutlivesMerges() throws {
    var edits = HeaderEdits()
    edits.merge(HeaderEdits.identity(of: nil, credential: nil))
    edits.merge(HeaderEdits())
    var others = HeaderEdits()
    others.set("X-A", to: ["1"])
    edits.merge(others)
    #expect(Self.drops(edits, "x_consumer_id"))
  }

  @Test func controlBytesDoNotLeaveInAValue() throws {
    let request = try FakeRequest()
    request.context.serviceRequest.setHeader("X-A", "a\r\nX-B: 1\0\u{1B}[31m\u{7F}\tc")
    var output = ByteBuffer()
    request.upstreamEdits.write(to: &output)
    #expect(output.string == "X-A: a  X-B: 1  [31m \tc\r\n")
  }
}
