// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1

/// What goes back to the client (`kong.response`). Headers set before the response exists are added to
/// it when it does.
public struct ResponseView {
  private let backend: any RequestBackend

  init(_ context: RequestContext) { self.backend = context.backend }

  private var service: ServiceResponseView { ServiceResponseView(self.backend) }

  /// The status; 0 while there is no response.
  public var status: UInt16 { self.backend.status }

  public var source: ResponseSource { self.backend.responseSource }

  /// 100...599, before the head is sent.
  public func setStatus(_ status: UInt16) {
    guard (100...599).contains(status) else { return }
    self.backend.setStatus(status)
  }

  /// The client gets an empty body; what the service sends is read and dropped. Before the head is sent.
  public func dropBody() { self.backend.dropBody() }

  public func header(_ name: String) -> String? {
    let edited = self.backend.responseEdits.values(name)
    guard edited.keepsOriginal else { return edited.values.first }
    if self.backend.responseSource == .service { return self.service.header(name) ?? edited.values.first }
    let local = self.backend.localHeaders.first { $0.name.isSame(ignoringCase: name) }
    return local?.value ?? edited.values.first
  }

  /// Every field of that name, in order.
  public func headers(_ name: String) -> [String] {
    let edited = self.backend.responseEdits.values(name)
    guard edited.keepsOriginal else { return edited.values }
    if self.backend.responseSource == .service { return self.service.headers(name) + edited.values }
    return self.backend.localHeaders.filter { $0.name.isSame(ignoringCase: name) }.map(\.value) + edited.values
  }

  /// Every field as it stands, in order, with the changes made so far. Those that concern one connection (`Connection`
  /// and what it names, `Transfer-Encoding`, …), the length, and the gateway's own are not among them.
  public var allHeaders: [(name: String, value: String)] {
    let edits = self.backend.responseEdits
    let original = self.backend.responseSource == .service ? self.service.forwardedHeaders : self.backend.localHeaders
    return original.filter { !edits.drops(Array($0.name.utf8).span) } + edits.fields
  }

  /// Replaces every field of that name by these; none removes it.
  public func setHeader(_ name: String, values: [String]) {
    self.backend.editResponseHeaders { $0.set(name, to: values) }
  }

  public func setHeader(_ name: String, _ value: String) {
    self.backend.editResponseHeaders { $0.set(name, to: [value]) }
  }

  public func addHeader(_ name: String, _ value: String) {
    self.backend.editResponseHeaders { $0.add(name, value) }
  }

  /// Sets several fields at once, their lines made by the caller: for plugins that do so on every response.
  package func setHeaders(_ group: FieldGroup, lines: [UInt8]) {
    self.backend.editResponseHeaders { $0.set(group, lines: lines) }
  }

  public func clearHeader(_ name: String) {
    self.backend.editResponseHeaders { $0.set(name, to: []) }
  }

  /// In `headerFilter`: keeps the head back until `bodyFilter` lets bytes through or the body ends, so that status and
  /// headers can still be changed there. For what is only known when the body is: gRPC has its status after the body.
  public func holdHead() { self.backend.holdResponseHead() }

  /// The fields after the body; in `bodyFilter` with the last part, empty before. A service that answers with a head
  /// alone has none: what would be in them then is in the head.
  public var trailers: [(name: String, value: String)] { self.backend.responseTrailers }

  /// Replaces the fields after the body; none drops them. In `bodyFilter`, with the last part at the latest.
  public func setTrailers(_ trailers: [(name: String, value: String)]) { self.backend.setResponseTrailers(trailers) }
}

/// What the service answered (`kong.service.response`); nothing of it changes.
public struct ServiceResponseView {
  private let backend: any RequestBackend

  init(_ backend: any RequestBackend) { self.backend = backend }

  /// The service's status; nil when it did not answer.
  public var status: UInt16? { self.backend.hasServiceResponse ? self.backend.responseHead.status : nil }

  public func header(_ name: String) -> String? { self.headers(name).first }

  public func headers(_ name: String) -> [String] {
    guard self.backend.hasServiceResponse else { return [] }
    let wanted = Array(name.utf8)
    let bytes = self.backend.responseBytes
    return self.backend.responseHead.fields.compactMap { field in
      Int(field.name.count) == wanted.count && bytes[field.name].equalsIgnoringCase(wanted.span)
        ? bytes.string(field.value) : nil
    }
  }

  /// The fields that go on to the client where nobody changes them.
  var forwardedHeaders: [(name: String, value: String)] {
    guard self.backend.hasServiceResponse else { return [] }
    let (head, bytes) = (self.backend.responseHead, self.backend.responseBytes)
    let named = Set(
      self.headers("Connection").flatMap { value in
        value.utf8.map(\.asciiLowercased).split { ", \t".utf8.contains($0) }.map(Array.init)
      })
    return head.fields.compactMap { field in
      switch field.known {
      case .connection, .keepAlive, .transferEncoding, .contentLength, .proxyConnection, .upgrade, .trailer,
        .xKongUpstreamLatency, .xKongProxyLatency, .xKongRequestID:
        return nil
      case .other, .xAccelBuffering:
        if ResponseHead.isForProxy(field, in: bytes.span) { return nil }
        fallthrough
      default:
        let name = bytes.string(field.name)
        return named.contains(name.utf8.map(\.asciiLowercased)) ? nil : (name, bytes.string(field.value))
      }
    }
  }
}
