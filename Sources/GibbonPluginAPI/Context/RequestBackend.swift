// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

package import GibbonCore
package import GibbonHTTP1
package import GibbonModel

/// The engine's side of a request: where the views read and record.
///
/// The state itself belongs to the engine's exchange, whose hot path then touches only fields of its own
/// module. What plugins change has a method: a property that can be set would be one that plugins may hold on to while
/// they change it, and then each of its uses in the engine is checked at run time.
package protocol RequestBackend: AnyObject {
  // What the client sent.
  var headBytes: ByteBuffer { get }
  var head: RequestHead { get }
  /// The path with dot segments resolved, slashes merged and escapes decoded; empty when it equals the raw
  /// path.
  var normalizedPath: ByteBuffer { get }
  /// The body, when a plugin wanted it and it fitted; empty for a request without one.
  var bufferedBody: ByteBuffer? { get }
  func setBufferedBody(_ body: ByteBuffer)
  /// From here on a longer body ends the request; false when more has come already.
  func limitBody(to bytes: UInt64) -> Bool
  var requestScheme: RequestScheme { get }
  /// nil where the client did not speak TLS with the gateway.
  var clientSecurity: ClientSecurity? { get }
  var requestID: (UInt64, UInt64) { get }
  var startedWallMicroseconds: UInt64 { get }
  /// When the loop last woke, since 1970.
  var wallMicroseconds: UInt64 { get }

  /// The place of the first field of that name in `headBytes`, and how many there are. Lower case.
  func locateHeader(_ lowercased: [UInt8]) -> (value: ByteRange, count: Int)

  // Who.
  var peer: IPAddress? { get }
  var peerPort: UInt16 { get }
  var clientAddress: IPAddress? { get }
  var clientPort: UInt16 { get }
  var publicPort: UInt16 { get }
  var isPeerTrusted: Bool { get }
  var consumer: Consumer? { get }
  var credential: Credential? { get }
  func setClient(_ consumer: Consumer, _ credential: Credential?)

  // What was decided.
  var matchedRoute: Route? { get }
  var matchedService: Service? { get }
  var matchedNames: MatchedNames? { get }
  /// Groups of the regular expression that matched the path, and their names.
  var uriCaptures: (texts: [String?], names: [(name: String, group: Int)]) { get }
  var upstreamEdits: HeaderEdits { get }
  func editUpstreamHeaders(_ edit: (inout HeaderEdits) -> Void)
  var upstreamPath: String? { get }
  var upstreamQuery: String? { get }
  var upstreamTarget: (host: String, port: UInt16)? { get }
  var upstreamMethod: String? { get }
  func setUpstreamPath(_ path: String)
  func setUpstreamQuery(_ query: String)
  func setUpstreamMethod(_ method: String)
  func setUpstreamTarget(host: String, port: UInt16)
  /// The path that route and service give, `strip_path` and the service's own path applied, whatever the service's
  /// protocol; known from the access phase on.
  var routedPath: String { get }

  // What goes back.
  var responseBytes: ByteBuffer { get }
  var responseHead: ResponseHead { get }
  var hasServiceResponse: Bool { get }
  var status: UInt16 { get }
  func setStatus(_ status: UInt16)
  var responseEdits: HeaderEdits { get }
  func editResponseHeaders(_ edit: (inout HeaderEdits) -> Void)
  /// The client gets no body, whatever there is.
  func dropBody()
  var responseSource: ResponseSource { get }
  var localHeaders: [(name: String, value: String)] { get }
  /// The fields after the body, as the client would get them: whole while the last part of the body is filtered, empty
  /// before. Names in lower case where they came over HTTP/2.
  var responseTrailers: [(name: String, value: String)] { get }
  /// From here on these are the fields after the body; none drops those of the service.
  func setResponseTrailers(_ trailers: [(name: String, value: String)])
  /// The head is not sent before there are bytes of the body to send, or the last part was filtered: until then
  /// `setStatus` and `editResponseHeaders` still count. Called while headers are filtered.
  func holdResponseHead()

  // What became of it, for the log phase.
  var hasRoute: Bool { get }
  /// Route and service as logs show them, in JSON; made once for each.
  var loggedRoute: [UInt8]? { get }
  var loggedService: [UInt8]? { get }
  /// Of the head and the body.
  var receivedBytes: UInt64 { get }
  var sentBytes: UInt64 { get }
  var latencies: RequestLatencies { get }
  var upstreamURI: ByteBuffer { get }
  /// Arguments of the query that are credentials of one of the request's plugins.
  var secretArguments: SecretArguments { get }
  /// Kept for requests that a plugin with a log phase applies to; so is `sentHead`.
  var upstreamTries: [UpstreamTry] { get }
  /// The head of the response as it was sent.
  var sentHead: ByteBuffer { get }

  /// The plugin entity whose phase is running.
  var runningPlugin: EntityID? { get }
  var loopNumber: Int { get }
  func makeSuspension() -> Suspension
  /// Writes a line of level `warn` to the error log.
  func warn(_ message: @autoclosure () -> String)
}
