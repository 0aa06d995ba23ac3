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
    while self.plugins.cursor < entries.count {
      let entry = entries[self.plugins.cursor]
      switch self.call(entry, { try $0.rewrite($1) }) {
      case .next: self.plugins.cursor &+= 1
      case .suspend: return
      case .respond(let answer):
        self.plugins.chain = self.snapshot.globalChain
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
      self.plugins.chain = self.snapshot.globalChain
      return self.fail(.noRoute)
    case .undecided(let route): return self.refuseUndecided(route)
    }
    self.route = route
    self.plugins.chain = route.chain
    if let refusal = self.refusalOfStrippedPath() { return self.fail(refusal) }
    if let refusal = self.protocolGate(route) { return self.respond(refusal) }
    self.step = .access
    self.plugins.cursor = 0
    if self.plugins.chain.wantsRequestBody, self.isBodyWanted {
      guard self.requestFlow.body.isComplete else { return self.beginBuffering() }
      self.hasTraces = true
      self.requestFlow.buffered = ByteBuffer()
    }
    self.runAccess()
  }

  /// Whether a plugin wants the body of this request.
  private var isBodyWanted: Bool {
    self.hasTraces = true
    return self.plugins.chain.bodyReaders.contains { $0.instance.wantsRequestBody(self.context) }
  }

  /// Routes for HTTPS or gRPC only, asked otherwise.
  private func protocolGate(_ route: RouteRuntime) -> LocalResponse? {
    if route.requiresGRPC { return self.gateOfGRPC(route) }
    guard route.requiresHTTPS, !self.forwardedScheme.isSame(as: "https") else { return nil }
    if route.httpsRedirectStatus == 426 {
      return .error(
        status: 426, "Please use HTTPS protocol",
        headers: [("Connection", "Upgrade"), ("Upgrade", "TLS/1.2, HTTP/1.1")])
    }
    let location = "https://\(self.forwardedHost)\(self.context.request.pathWithQuery)"
    return LocalResponse(status: route.httpsRedirectStatus, headers: [("Location", location)])
  }

  private func gateOfGRPC(_ route: RouteRuntime) -> LocalResponse? {
    guard self.received.hasGRPCType else { return .error(status: 415, "Non-gRPC request matched gRPC route") }
    guard self.received.head.version == .http2 else {
      return .error(
        status: 426, "Please use HTTP2 protocol", headers: [("connection", "Upgrade"), ("upgrade", "HTTP/2")])
    }
    guard !route.entity.protocols.contains(.grpc), !self.forwardedScheme.isSame(as: "https") else { return nil }
    return LocalResponse(
      status: 200,
      headers: [
        ("content-type", "application/grpc"), ("grpc-status", "1"),
        ("grpc-message", "gRPC request matched gRPCs route"),
      ])
  }

  /// Walks the chain. Once a plugin has answered, later ones are only collected for the filter phases.
  func runAccess() {
    if self.plugins.chain.dependsOnConsumer { return self.runAccessByConsumer() }
    let entries = self.plugins.chain.access
    while self.plugins.cursor < entries.count {
      switch self.call(entries[self.plugins.cursor], { try $0.access($1) }) {
      case .next: self.plugins.cursor &+= 1
      case .suspend: return
      case .respond(let answer): return self.respond(answer)
      }
    }
    self.proxy()
  }

  /// Which instance of a plugin applies is settled when the walk comes to it, by who the consumer is then. One
  /// that suspends stays the one, even if it is the one that finds the consumer out.
  private func runAccessByConsumer() {
    let slots = self.plugins.chain.slots
    while self.plugins.cursor < slots.count {
      if let entry = self.plugins.suspendedEntry ?? slots[self.plugins.cursor].entry(for: self.plugins.consumer?.id) {
        self.plugins.suspendedEntry = nil
        if self.plugins.answer == nil, entry.runs(in: .access) {
          switch self.call(entry, { try $0.access($1) }) {
          case .next: break
          case .suspend:
            self.plugins.suspendedEntry = entry
            return
          case .respond(let answer): self.plugins.answer = answer
          }
        }
        self.choose(entry)
      }
      self.plugins.cursor &+= 1
    }
    if let answer = self.plugins.answer { return self.respond(answer) }
    self.proxy()
  }

  private func choose(_ entry: PluginEntry) {
    self.plugins.choose(entry)
    self.plugins.chosenSlots = self.plugins.cursor &+ 1
    self.hasTraces = true
  }

  /// The entries of a later phase. Slots the access walk did not come to, because something answered before,
  /// are settled now.
  private func entries(of phase: PhaseSet, fixed: [PluginEntry]) -> [PluginEntry] {
    guard self.plugins.chain.dependsOnConsumer else { return fixed }
    let slots = self.plugins.chain.slots
    while self.plugins.chosenSlots < slots.count {
      let waiting = self.plugins.suspendedEntry
      self.plugins.suspendedEntry = nil
      if let entry = waiting ?? slots[self.plugins.chosenSlots].entry(for: self.plugins.consumer?.id) {
        self.plugins.choose(entry)
      }
      self.plugins.chosenSlots &+= 1
      self.hasTraces = true
    }
    return self.plugins.chosen.filter { $0.runs(in: phase) }
  }

  /// One plugin's phase; what it throws is an answer of status 500.
  private func call(
    _ entry: PluginEntry, _ phase: (any Plugin, RequestContext) throws -> PhaseAction
  ) -> PhaseAction {
    self.plugins.running = entry.id
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
    if let entry = self.plugins.suspendedEntry {
      self.plugins.suspendedEntry = nil
      self.choose(entry)
    }
    self.plugins.cursor &+= 1
  }

  private func resumeWithAnswer(_ answer: LocalResponse) {
    guard self.step == .access, self.plugins.chain.dependsOnConsumer else {
      if self.step == .rewrite { self.plugins.chain = self.snapshot.globalChain }
      return self.respond(answer)
    }
    self.plugins.answer = answer
    self.advance()
    self.runAccess()
  }

  // MARK: After the service answered

  func runHeaderFilter() {
    let entries = self.entries(of: .headerFilter, fixed: self.plugins.chain.headerFilter)
    for entry in entries {
      self.plugins.running = entry.id
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
    guard self.plugins.chain.mayFilterBody, !self.response.isBodyDropped else { return }
    self.hasTraces = true
    self.response.bodyFilters = self.entries(of: .bodyFilter, fixed: self.plugins.chain.bodyFilter).compactMap {
      entry in
      self.plugins.running = entry.id
      guard entry.instance.filtersBody(self.context) else { return nil }
      return BodyFilter(entry: entry, isObserver: entry.instance.observesBody(self.context))
    }
    self.response.isBodyChanged = self.response.bodyFilters.contains { !$0.isObserver }
  }

  /// Runs a part of the body through the plugins that see it, until one refuses or leaves work for another thread. One
  /// that fails leaves the part as it was.
  ///
  /// - Parameter start: the first of them.
  /// - Returns: the one to go on with once that work is done; nil where there is none.
  func runBodyFilter(_ part: inout BodyPart, from start: Int = 0) -> Int? {
    for place in self.response.bodyFilters.indices.dropFirst(start) where !part.isRefused {
      let filter = self.response.bodyFilters[place]
      self.plugins.running = filter.entry.id
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
    let entries = self.entries(of: .log, fixed: self.plugins.chain.log)
    for entry in entries {
      self.plugins.running = entry.id
      self.hasTraces = true
      do {
        try entry.instance.log(self.context)
      } catch {
        self.reportFailure(of: entry, "\(error)")
      }
    }
    self.worker.accessLog?.append(self, status: self.response.status, bodyBytes: self.outcome.sentBodyBytes)
  }

  /// A line of the error log with nginx's request facts.
  func log(_ level: LogLevel, _ message: @autoclosure () -> String) {
    guard self.worker.errorLog.writes(level) else { return }
    let client = self.received.clientAddress.map { "\($0)" } ?? "unix:"
    let version =
      switch self.received.head.version {
      case .http10: "HTTP/1.0"
      case .http11: "HTTP/1.1"
      case .http2: "HTTP/2.0"
      }
    let line = "\(self.context.request.method) \(self.context.loggedTarget) \(version)"
    let upstream = self.service.peer.map { ", upstream: \"\($0.address)\"" } ?? ""
    self.worker.errorLog.write(
      level,
      "\(message()), client: \(client), request: \"\(line)\"\(upstream), host: \"\(self.context.request.host)\", "
        + "request_id: \"\(self.context.id)\"")
  }
}
