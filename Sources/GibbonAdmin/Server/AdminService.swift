// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonHTTP1
internal import NIOCore

/// Answers the requests of one server, whole ones and those that are refused by their heads: who may call, what the API
/// says, the fields that every answer has, and the access log.
struct AdminService: Sendable {
  let api: AdminAPI
  let facts: NodeFacts
  let policy: AccessPolicy
  let logging: (@Sendable (AdminAccessRecord) -> Void)?

  /// What is said to a head before its content is read; nil to read on.
  func refusal(of head: ReceivedHead, isOnLoopback: Bool) -> AdminResponse? {
    if let refusal = self.policy.refusal(of: head, isOnLoopback: isOnLoopback) { return refusal }
    if head.method == "TRACE" || head.method == "CONNECT" { return ErrorPage.response(405) }
    if head.values("content-type").count > 1, AdminAPI.takesBody(head.method) {
      return .message("Multiple Content-Type headers not allowed", status: 400)
    }
    return nil
  }

  func respond(to head: ReceivedHead, body: [UInt8]) async -> AdminResponse {
    var fields: [String: String] = [:]
    for (name, value) in head.fields { fields[name] = value }
    return await self.api.respond(
      to: AdminRequest(method: head.method, target: head.target, headers: fields, body: body))
  }

  /// The bytes of an answer.
  ///
  /// - Parameter head: nil where none could be read.
  func encoded(
    _ answer: AdminResponse, to head: ReceivedHead?, from client: String, since start: ContinuousClock.Instant,
    keepsAlive: Bool
  ) -> [UInt8] {
    self.logging?(
      AdminAccessRecord(
        client: client, method: head?.method ?? "-", target: head?.sentTarget ?? "-", status: answer.status,
        bytes: answer.body.count, userAgent: head?.values("user-agent").first ?? "-"))
    var fields: [(name: String, value: String)] = [("Date", HTTPDate.now)]
    if let type = answer.contentType { fields.append(("Content-Type", type)) }
    fields.append(("Connection", keepsAlive ? "keep-alive" : "close"))
    fields += head.map { self.policy.fields(for: $0) } ?? []
    fields += answer.headers.map { ($0.name, $0.value) }
    if answer.status != 204, answer.status != 304 { fields.append(("Content-Length", String(answer.body.count))) }
    if self.facts.showsServer { fields.append(("Server", "kong/\(self.facts.kongVersion)")) }
    if self.facts.showsLatency {
      let elapsed = (ContinuousClock.now - start).components
      let milliseconds = elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000
      fields.append(("X-Kong-Admin-Latency", String(milliseconds)))
    }
    var bytes = Array("HTTP/1.1 \(answer.status) \(HeadWriter.statusReason(UInt16(clamping: answer.status)))\r\n".utf8)
    for (name, value) in fields {
      bytes += name.utf8
      bytes += ": ".utf8
      // What a request gave must not begin a line of its own.
      bytes += value.utf8.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }
      bytes += "\r\n".utf8
    }
    bytes += "\r\n".utf8
    if head?.method != "HEAD", answer.status != 204, answer.status != 304 { bytes += answer.body }
    return bytes
  }
}
