// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonModel
internal import GibbonPluginAPI

/// The phases in their order: rewrite → route → access → balance and proxy → header_filter → body_filter
/// → log. See docs/life-of-a-request.md.
extension Exchange {
  func runRewrite() {
    let entries = self.snapshot.globalChain.rewrite
    while self.cursor < entries.count {
      let entry = entries[self.cursor]
      switch self.call(entry, { try $0.rewrite($1) }) {
      case .next: self.cursor &+= 1
      case .suspend: return
      case .respond(let answer):
        self.chain = self.snapshot.globalChain
        return self.respond(answer)
      }
    }
    self.routeRequest()
  }

  private func routeRequest() {
    let route: RouteRuntime
    switch self.chooseRoute() {
    case .route(let found): route = found
    case .none:
      self.chain = self.snapshot.globalChain
      return self.fail(.noRoute)
    case .undecided(let route): return self.refuseUndecided(route)
    }
    self.route = route
    self.chain = route.chain
    if let refusal = self.refusalOfStrippedPath() { return self.fail(refusal) }
    if let refusal = self.protocolGate(route) { return self.respond(refusal) }
    self.step = .access
    self.cursor = 0
    if self.chain.wantsRequestBody {
      guard self.requestBody.isComplete else { return self.beginBuffering() }
      self.hasTraces = true
      self.bufferedBody = ByteBuffer()
    }
    self.runAccess()
  }

  /// Routes for HTTPS or gRPC only, asked over plain HTTP/1.1.
  private func protocolGate(_ route: RouteRuntime) -> LocalResponse? {
    if route.requiresGRPC {
      let isGRPC = self.context.request.header("content-type")?.hasPrefix("application/grpc") ?? false
      if !isGRPC { return .error(status: 415, "Non-gRPC request matched gRPC route") }
      return .error(
        status: 426, "Please use HTTP2 protocol", headers: [("connection", "Upgrade"), ("upgrade", "HTTP/2")])
    }
    guard route.requiresHTTPS, self.forwardedScheme != "https" else { return nil }
    if route.httpsRedirectStatus == 426 {
      return .error(
        status: 426, "Please use HTTPS protocol",
        headers: [("Connection", "Upgrade"), ("Upgrade", "TLS/1.2, HTTP/1.1")])
    }
    let location = "https://\(self.forwardedHost)\(self.context.request.pathWithQuery)"
    return LocalResponse(status: route.httpsRedirectStatus, headers: [("Location", location)])
  }

  /// Walks the chain. Once a plugin has answered, later ones are only collected for the filter phases.
  func runAccess() {
    if self.chain.dependsOnConsumer { return self.runAccessByConsumer() }
    let entries = self.chain.access
    while self.cursor < entries.count {
      switch self.call(entries[self.cursor], { try $0.access($1) }) {
      case .next: self.cursor &+= 1
      case .suspend: return
      case .respond(let answer): return self.respond(answer)
      }
    }
    self.proxy()
  }

  /// Which instance of a plugin applies is settled when the walk comes to it, by who the consumer is then. One
  /// that suspends stays the one, even if it is the one that finds the consumer out.
  private func runAccessByConsumer() {
    let slots = self.chain.slots
    while self.cursor < slots.count {
      if let entry = self.suspendedEntry ?? slots[self.cursor].entry(for: self.consumer?.id) {
        self.suspendedEntry = nil
        if self.answer == nil, entry.runs(in: .access) {
          switch self.call(entry, { try $0.access($1) }) {
          case .next: break
          case .suspend:
            self.suspendedEntry = entry
            return
          case .respond(let answer): self.answer = answer
          }
        }
        self.choose(entry)
      }
      self.cursor &+= 1
    }
    if let answer = self.answer { return self.respond(answer) }
    self.proxy()
  }

  private func choose(_ entry: PluginEntry) {
    self.keepChosen(entry)
    self.chosenSlots = self.cursor &+ 1
    self.hasTraces = true
  }

  /// The entries of a later phase. Slots the access walk did not come to, because something answered before,
  /// are settled now.
  private func entries(of phase: PhaseSet, fixed: [PluginEntry]) -> [PluginEntry] {
    guard self.chain.dependsOnConsumer else { return fixed }
    let slots = self.chain.slots
    while self.chosenSlots < slots.count {
      let waiting = self.suspendedEntry
      self.suspendedEntry = nil
      if let entry = waiting ?? slots[self.chosenSlots].entry(for: self.consumer?.id) { self.keepChosen(entry) }
      self.chosenSlots &+= 1
      self.hasTraces = true
    }
    return self.chosen.filter { $0.runs(in: phase) }
  }

  /// One plugin's phase; what it throws is an answer of status 500.
  private func call(
    _ entry: PluginEntry, _ phase: (any Plugin, RequestContext) throws -> PhaseAction
  ) -> PhaseAction {
    self.runningPlugin = entry.id
    self.hasTraces = true
    do {
      return try phase(entry.instance, self.context)
    } catch {
      self.reportFailure(of: entry, "\(error)")
      return .respond(.error(status: 500, GatewayError.unexpected.message))
    }
  }

  private func reportFailure(of entry: PluginEntry, _ text: String) {
    self.log(.error, "plugin '\(entry.descriptor.name)' (\(entry.id)) failed: \(text)")
  }

  // MARK: Suspension

  /// Goes on where a phase was suspended.
  func resume(_ how: PhaseResumption) {
    switch how {
    case .again: break
    case .next: self.advance()
    case .respond(let answer): return self.resumeWithAnswer(answer)
    case .fail(let reason):
      if let entry = self.waitingPlugin {
        self.reportFailure(of: entry, reason)
      } else {
        self.log(.error, "a suspended plugin failed: \(reason)")
      }
      return self.resumeWithAnswer(.error(status: 500, GatewayError.unexpected.message))
    }
    switch self.step {
    case .rewrite: self.runRewrite()
    case .access: self.runAccess()
    default: break
    }
  }

  /// Past the plugin that was suspended.
  private func advance() {
    if let entry = self.suspendedEntry {
      self.suspendedEntry = nil
      self.choose(entry)
    }
    self.cursor &+= 1
  }

  private func resumeWithAnswer(_ answer: LocalResponse) {
    guard self.step == .access, self.chain.dependsOnConsumer else {
      if self.step == .rewrite { self.chain = self.snapshot.globalChain }
      return self.respond(answer)
    }
    self.answer = answer
    self.advance()
    self.runAccess()
  }

  // MARK: After the service answered

  func runHeaderFilter() {
    let entries = self.entries(of: .headerFilter, fixed: self.chain.headerFilter)
    for entry in entries {
      self.runningPlugin = entry.id
      self.hasTraces = true
      do {
        try entry.instance.headerFilter(self.context)
      } catch {
        self.reportFailure(of: entry, "\(error)")
      }
    }
  }

  /// Which plugins see the body, now that the head is known.
  func chooseBodyFilters() {
    guard self.chain.mayFilterBody, !self.isBodyDropped else { return }
    self.hasTraces = true
    self.bodyFilters = self.entries(of: .bodyFilter, fixed: self.chain.bodyFilter).compactMap { entry in
      self.runningPlugin = entry.id
      guard entry.instance.filtersBody(self.context) else { return nil }
      return BodyFilter(entry: entry, isObserver: entry.instance.observesBody(self.context))
    }
    self.isBodyChanged = self.bodyFilters.contains { !$0.isObserver }
  }

  /// Runs a part of the body through the plugins that see it, until one refuses or leaves work for another thread. One
  /// that fails leaves the part as it was.
  ///
  /// - Parameter start: the first of them.
  /// - Returns: the one to go on with once that work is done; nil where there is none.
  func runBodyFilter(_ part: inout BodyPart, from start: Int = 0) -> Int? {
    for place in self.bodyFilters.indices.dropFirst(start) where !part.isRefused {
      let filter = self.bodyFilters[place]
      self.runningPlugin = filter.entry.id
      self.hasTraces = true
      // The length of what is only looked at may be promised already.
      let promised = filter.isObserver ? part.bytes : nil
      do {
        try filter.entry.instance.bodyFilter(self.context, part: &part)
      } catch {
        self.reportFailure(of: filter.entry, "\(error)")
      }
      if let promised {
        part.bytes = promised
        part.work = nil
      } else if part.work != nil {
        return place + 1
      }
    }
    return nil
  }

  func runLog() {
    let entries = self.entries(of: .log, fixed: self.chain.log)
    for entry in entries {
      self.runningPlugin = entry.id
      self.hasTraces = true
      do {
        try entry.instance.log(self.context)
      } catch {
        self.reportFailure(of: entry, "\(error)")
      }
    }
    self.worker.accessLog?.append(self, status: self.status, bodyBytes: self.sentBodyBytes)
  }

  /// A line of the error log with nginx's request facts.
  func log(_ level: LogLevel, _ message: @autoclosure () -> String) {
    guard self.worker.errorLog.writes(level) else { return }
    let client = self.clientAddress.map { "\($0)" } ?? "unix:"
    let version = self.head.version == .http10 ? "HTTP/1.0" : "HTTP/1.1"
    let line = "\(self.context.request.method) \(self.context.loggedTarget) \(version)"
    let upstream = self.upstream.map { ", upstream: \"\($0.peer.address)\"" } ?? ""
    self.worker.errorLog.write(
      level,
      "\(message()), client: \(client), request: \"\(line)\"\(upstream), host: \"\(self.context.request.host)\", "
        + "request_id: \"\(self.context.id)\"")
  }
}

extension Exchange: RequestBackend {
  var wallMicroseconds: UInt64 { self.loop.wallMicroseconds }

  func setBufferedBody(_ body: ByteBuffer) { self.bufferedBody = body }

  func setClient(_ consumer: Consumer, _ credential: Credential?) {
    self.consumer = consumer
    self.credential = credential
  }

  func editUpstreamHeaders(_ edit: (inout HeaderEdits) -> Void) {
    var edits = HeaderEdits()
    swap(&edits, &self.upstreamEdits)
    edit(&edits)
    swap(&edits, &self.upstreamEdits)
  }

  func setUpstreamPath(_ path: String) { self.upstreamPath = path }
  func setUpstreamQuery(_ query: String) { self.upstreamQuery = query }
  func setUpstreamMethod(_ method: String) { self.upstreamMethod = method }
  func setUpstreamTarget(host: String, port: UInt16) { self.upstreamTarget = (host, port) }
  func setStatus(_ status: UInt16) { self.status = status }

  func editResponseHeaders(_ edit: (inout HeaderEdits) -> Void) {
    var edits = HeaderEdits()
    swap(&edits, &self.responseEdits)
    edit(&edits)
    swap(&edits, &self.responseEdits)
  }

  func dropBody() { self.isBodyDropped = true }

  func locateHeader(_ lowercased: [UInt8]) -> (value: ByteRange, count: Int) {
    let bytes = self.headBytes
    let name = lowercased.span
    var first = ByteRange.empty
    var count = 0
    for field in self.head.fields where Int(field.name.count) == name.count {
      guard bytes[field.name].equalsIgnoringCase(name) else { continue }
      if count == 0 { first = field.value }
      count &+= 1
    }
    return (first, count)
  }

  var secretArguments: SecretArguments { self.chain.secretArguments }
  var matchedRoute: Route? { self.route?.entity }
  var matchedService: Service? { self.route?.service?.entity }
  var matchedNames: MatchedNames? { self.route?.names }

  var uriCaptures: (texts: [String?], names: [(name: String, group: Int)]) {
    let bytes = self.headBytes
    let path = self.normalizedPath.isEmpty ? ByteBuffer(bytes[self.head.path].array) : self.normalizedPath
    return (self.captures.map { $0.map { path.string($0) } }, self.captureNames)
  }

  func warn(_ message: @autoclosure () -> String) { self.log(.warn, message()) }

  func makeSuspension() -> Suspension {
    self.isSuspended = true
    self.suspension &+= 1
    let token = self.suspension
    self.startSuspensionTimer()
    // Safety: used only inside the closure that runs on this exchange's own loop. It is held so that the
    // context stays usable for as long as somebody may resume it, even when the client has gone.
    nonisolated(unsafe) let confined = self
    let handle = self.loop.handle
    return Suspension(executor: handle) { how in
      handle.execute { _ in
        let exchange = unsafe confined
        guard exchange.isSuspended, exchange.suspension == token else { return }
        exchange.isSuspended = false
        exchange.stopSuspensionTimer()
        if exchange.step != .done { exchange.resume(how) }
      }
    }
  }
}
