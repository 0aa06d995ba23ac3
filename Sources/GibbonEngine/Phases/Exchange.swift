// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonModel
internal import GibbonPluginAPI
internal import GibbonTLS

/// One request and its response, from the head's last byte to the log phase.
///
/// It walks through the phases (`Exchange+Phases`), owns the try at a service (`Exchange+Upstream`), and
/// moves bodies between the two connections (`Exchange+RequestBody`, `Exchange+ResponseBody`). Confined
/// to its loop and reused.
final class Exchange {
  enum Step: UInt8 {
    /// The head is not complete yet.
    case reading
    /// Plugins run, before a service is chosen.
    case rewrite, access
    /// A plugin wants the body first.
    case buffering
    /// The body is held back until it is complete or too large for that.
    case holding
    /// The service's name is being resolved.
    case resolving
    /// A request is on its way to a service, or its response to the client.
    case proxying
    /// The end of the response is being made by a helper thread.
    case making
    /// A 101 made it a tunnel of bytes.
    case tunnel
    /// The response is written; the last bytes wait for the client.
    case flushing
    case done
  }

  let worker: Worker
  private(set) lazy var context = RequestContext(backend: self)
  var step = Step.reading
  /// Distinguishes the requests that use this object one after another, for late resumptions.
  var generation: UInt64 = 0
  var downstream: DownstreamConnection?
  var upstream: UpstreamConnection?
  var snapshot: Snapshot
  var route: RouteRuntime?
  var chain = PluginChain.empty
  /// The instances that apply, where that depends on the consumer.
  var chosen: [PluginEntry] = []
  /// Slots of the chain for which that is settled.
  var chosenSlots = 0
  /// The one that suspended.
  var suspendedEntry: PluginEntry?
  /// Where the walk over a chain stands, to go on after a suspension.
  var cursor = 0
  /// What a plugin answered, sent when the walk is over.
  var answer: LocalResponse?

  /// The plugin entity whose phase is running.
  var runningPlugin: EntityID?
  /// A plugin holds the right to resume: the object must not serve another request meanwhile.
  var isSuspended = false
  /// Which suspension that is: an older one no longer counts.
  var suspension: UInt64 = 0
  var suspensionTimer: SuspensionTimer?
  /// A plugin did not resume in time and may still hold the context.
  var isLeftToPlugin = false

  /// Used while the head comes in pieces.
  var requestParser: RequestHeadParser
  var responseParser: ResponseHeadParser
  var requestBody: MessageBody
  var responseBody: MessageBody
  var receivedBodyBytes: UInt64 = 0
  /// A plugin's limit for the body; the gateway's own applies besides.
  private(set) var bodyLimit = UInt64.max
  /// What arrived of the body, framing included.
  var receivedFramedBytes: UInt64 = 0
  /// What arrived of the body and is still here, without framing: read before the service was contacted, or sent and
  /// kept for another try. Empty when a plugin has it (`bufferedBody`).
  var keptBody = ByteBuffer()
  /// All that arrived is there; otherwise the body cannot be sent again.
  var isBodyKept = true
  /// The end of `buffering` or `holding`.
  var isBufferingOver = false
  /// The client was told to go on with its body.
  var isBodyInvited = false
  /// The request's body is wholly sent on.
  var isRequestSent = false

  // What the client sent, and who it is.
  var headBytes = ByteBuffer()
  var head = RequestHead()
  var normalizedPath = ByteBuffer()
  var bufferedBody: ByteBuffer?
  /// The client spoke TLS.
  var isEncrypted = false
  var requestScheme: RequestScheme { self.isEncrypted ? .https : .http }
  var requestID: (UInt64, UInt64) = (0, 0)
  var startedAt: UInt64 = 0
  var startedWallMicroseconds: UInt64 = 0
  var peer: IPAddress?
  var peerPort: UInt16 = 0
  var clientAddress: IPAddress?
  var clientPort: UInt16 = 0
  var publicPort: UInt16 = 0
  var isPeerTrusted = false
  var consumer: Consumer?
  var credential: Credential?

  // What was decided.
  var matchedPrefix = ByteRange.empty
  /// The route was found by the path, if only by an empty part of it.
  var hasMatchedPath = false
  var captures: [ByteRange?] = []
  var captureNames: [(name: String, group: Int)] = []
  var upstreamEdits = HeaderEdits()
  var upstreamPath: String?
  var upstreamQuery: String?
  var upstreamMethod: String?
  var upstreamTarget: (host: String, port: UInt16)?

  // What goes back.
  var responseBytes = ByteBuffer()
  var responseHead = ResponseHead()
  var hasServiceResponse = false
  var status: UInt16 = 0
  var responseEdits = HeaderEdits()
  var isBodyDropped = false
  var responseSource = ResponseSource.service
  var localHeaders: [(name: String, value: String)] = []
  var isServerLevelError = false
  /// The gateway's answer is one that a service gave before.
  var repeatsService = false

  // The tries at the service.
  let balancing = BalancedAttempt()
  var tries = 0
  /// The `Host` of the endpoint that was picked.
  var endpointHost: [UInt8] = []
  var isRetrySafe = true
  var interimResponses = 0
  /// An interim response already said that nothing may follow on the service's connection.
  var isUpstreamSpent = false
  var upstreamStartedAt: UInt64 = 0
  var proxyLatency: UInt64 = 0
  var upstreamLatency: UInt64 = 0
  /// Kept where a plugin logs.
  var upstreamTries: [UpstreamTry] = []

  // The response.
  var isResponseStarted = false
  var outgoing = OutgoingFraming.none
  /// The plugins that see the body of this response; empty for nearly all.
  var bodyFilters: [BodyFilter] = []
  /// One of them may change it.
  var isBodyChanged = false
  var sentBodyBytes: UInt64 = 0
  /// What the connection had sent before.
  var sentBefore: UInt64 = 0
  /// When the head of the response was known, and when the service's response was wholly read.
  var answeredAt: UInt64 = 0
  var receivedAt: UInt64 = 0
  /// Kept where a plugin logs.
  var sentHead = ByteBuffer()
  var closesDownstream = false
  var isTunnelHalfClosed = false
  /// The client is gone: nothing more is said to it.
  var isAborted = false
  /// What arrived was no request.
  var isRefused = false
  /// A plugin or a local answer may have left something to be reset.
  var hasTraces = false

  init(worker: Worker) {
    self.worker = worker
    self.snapshot = worker.snapshot
    self.requestParser = worker.requestParser
    self.responseParser = worker.responseParser
    let limits = worker.downstreamSettings.headLimits
    self.requestBody = MessageBody(limits: limits, isLoose: false)
    self.responseBody = MessageBody(limits: worker.upstreamSettings.headLimits, isLoose: true)
  }

  var loop: EventLoop { self.worker.loop }

  /// Whether nobody else holds on to it and its buffers are small enough to keep for the next request.
  var isWorthKeeping: Bool {
    !self.isSuspended && !self.isLeftToPlugin && self.headBytes.capacity <= 16 * 1024
      && self.responseBytes.capacity <= 16 * 1024
      && self.keptBody.capacity <= 16 * 1024 && self.sentHead.capacity <= 16 * 1024
  }

  func reset() {
    self.generation &+= 1
    if self.hasTraces { self.resetTraces() }
    self.clearHeads()
    self.hasServiceResponse = false
    self.matchedPrefix = .empty
    self.status = 0
    self.responseSource = .service
    self.isServerLevelError = false
    self.step = .reading
    self.downstream = nil
    self.upstream = nil
    self.snapshot = self.worker.snapshot
    self.route = nil
    self.chain = .empty
    self.cursor = 0
    self.isRequestSent = false
    self.isBufferingOver = false
    self.isBodyInvited = false
    self.isAborted = false
    self.isRefused = false
    self.receivedBodyBytes = 0
    self.receivedFramedBytes = 0
    self.tries = 0
    self.isRetrySafe = true
    if !self.keptBody.isEmpty { self.clearKeptBody() }
    self.isBodyKept = true
    self.interimResponses = 0
    self.upstreamStartedAt = 0
    self.proxyLatency = 0
    self.upstreamLatency = 0
    self.answeredAt = 0
    self.receivedAt = 0
    self.isResponseStarted = false
    self.outgoing = .none
    self.sentBodyBytes = 0
    self.closesDownstream = false
    self.isTunnelHalfClosed = false
  }

  /// What only plugins, local answers and rare requests leave behind.
  private func resetTraces() {
    self.context.reset()
    self.hasTraces = false
    self.bufferedBody = nil
    self.consumer = nil
    self.credential = nil
    self.captures.removeAll()
    self.captureNames.removeAll()
    self.upstreamEdits = HeaderEdits()
    self.upstreamPath = nil
    self.upstreamQuery = nil
    self.upstreamMethod = nil
    self.upstreamTarget = nil
    self.responseEdits = HeaderEdits()
    self.isBodyDropped = false
    if !self.localHeaders.isEmpty { self.localHeaders = [] }
    if !self.bodyFilters.isEmpty { self.bodyFilters = [] }
    self.isBodyChanged = false
    self.repeatsService = false
    if !self.chosen.isEmpty { self.chosen = [] }
    self.chosenSlots = 0
    self.suspendedEntry = nil
    self.answer = nil
    self.bodyLimit = .max
    self.changeTries { $0.removeAll(keepingCapacity: true) }
    self.clearSentHead()
  }

  /// The head is complete: fills in who and when, and runs the phases.
  func begin(on downstream: DownstreamConnection) {
    self.downstream = downstream
    self.snapshot = self.worker.snapshot
    self.beginRequestBody(self.head.framing)
    self.closesDownstream =
      !self.head.isPersistent || downstream.isLastRequest || self.worker.isDraining
      || self.worker.downstreamSettings.keepAliveTimeout == 0
    self.identify(downstream)
    if let refusal = self.refusal() {
      self.chain = self.snapshot.globalChain
      return self.fail(refusal)
    }
    if let refusal = self.normalizePath() {
      self.chain = self.snapshot.globalChain
      return self.fail(refusal)
    }
    self.step = .rewrite
    self.runRewrite()
  }

  /// Who asks, and under which id.
  func identify(_ downstream: DownstreamConnection) {
    self.startedAt = self.loop.now
    self.startedWallMicroseconds = self.loop.wallMicroseconds
    self.requestID = self.worker.makeRequestID()
    self.sentBefore = downstream.sentBytes
    self.publicPort = downstream.publicPort
    self.isEncrypted = downstream.isEncrypted
    self.peer = downstream.peer
    self.peerPort = downstream.peerPort
    self.clientAddress = downstream.client?.ip ?? downstream.peer
    self.clientPort = downstream.client?.port ?? downstream.peerPort
    self.isPeerTrusted = false
    guard self.worker.believesPeers else { return }
    let realIP = self.worker.settings.realIP
    self.isPeerTrusted = realIP.trusts(downstream.peer)
    if self.isPeerTrusted { self.applyRealIP(realIP) }
  }

  /// What nginx refuses before any plugin sees the request.
  private func refusal() -> GatewayError? {
    if self.isEncrypted, let refusal = self.downstream?.security?.clientRefusal { return .clientCertificate(refusal) }
    let limit = self.worker.downstreamSettings.maxBodyBytes
    if limit > 0, case .contentLength(let length) = self.head.framing, length > limit {
      return .payloadTooLarge
    }
    switch self.head.method {
    case .trace, .connect: return .methodNotAllowed
    default: return nil
    }
  }

  func limitBody(to bytes: UInt64) -> Bool {
    self.bodyLimit = min(self.bodyLimit, bytes)
    return self.receivedBodyBytes <= bytes
  }

  /// Also refuses paths that lead above the root, as nginx does, and those that a service could resolve to others.
  private func normalizePath() -> GatewayError? {
    let bytes = self.headBytes
    let path = bytes[self.head.path]
    if self.head.form == .asterisk || PathNormalizer.isNormal(path) { return nil }
    var normal = ByteBuffer()
    swap(&normal, &self.normalizedPath)
    let flaws = PathNormalizer.normalize(path, into: &normal)
    swap(&normal, &self.normalizedPath)
    return flaws.isEmpty ? nil : self.refusal(of: flaws)
  }

  /// nil where the flaw is allowed.
  func refusal(of flaws: PathFlaws) -> GatewayError? {
    if flaws.contains(.aboveRoot) {
      self.log(.info, "client sent a path that leads above the root")
      return .badRequest
    }
    guard flaws.contains(.ambiguous), !self.worker.downstreamSettings.allowsAmbiguousPaths else { return nil }
    self.log(.info, "client sent a path that a service may resolve to another one (allow_ambiguous_paths)")
    return .badRequest
  }

  /// Ends the request without another byte to the client, who is gone.
  func abort() {
    guard self.step != .done else { return }
    self.status = 499
    self.isAborted = true
    self.releaseUpstream(reusable: false)
    self.finish()
  }

  /// The response is with the kernel, or will never be: log, let go, hand the connection on.
  func finish() {
    guard self.step != .done else { return }
    self.step = .done
    self.endBalancing()
    if self.isSuspended { self.stopSuspensionTimer() }
    self.runLog()
    let downstream = self.downstream
    self.downstream = nil
    downstream?.exchangeFinished(self)
  }
}

/// A plugin that sees the body of a response.
struct BodyFilter {
  let entry: PluginEntry
  /// It does not change it.
  let isObserver: Bool
}

/// How a response's body is delimited towards the client.
enum OutgoingFraming: UInt8 {
  /// No body at all: HEAD, 204, 304, 101.
  case none
  /// As long as `Content-Length` says.
  case length
  case chunked
  /// Ends with the connection.
  case close
}
