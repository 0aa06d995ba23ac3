// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// Where a connection goes, and what it is told first.
struct ConnectionTarget: Sendable {
  var host: String
  var settings: CQLSettings
  var tls: NIOSSLContext?
  var keyspace: String?
  /// Events to be told of; none for connections that carry statements.
  var events: [String] = []
  var onEvent: @Sendable (ServerEvent) -> Void = { _ in }
  var onClose: @Sendable () -> Void = {}

  /// For people.
  var place: String {
    self.host.contains(":") ? "[\(self.host)]:\(self.settings.port)" : "\(self.host):\(self.settings.port)"
  }
}

/// One connection to one node: requests go out as they come, answers come back in any order.
final class CQLConnection: Sendable {
  let version: CQLVersion
  private let channel: any Channel
  private let handler: NIOLoopBound<ConnectionHandler>
  let prepared = Mutex(PreparedStatements())
  private let isClosing = Atomic(false)

  private init(_ channel: any Channel, _ handler: NIOLoopBound<ConnectionHandler>, _ version: CQLVersion) {
    self.channel = channel
    self.handler = handler
    self.version = version
  }

  var isOpen: Bool { self.channel.isActive && !self.isClosing.load(ordering: .relaxed) }

  /// The address that was connected to; a contact point may be a name.
  var address: String? { self.channel.remoteAddress?.ipAddress.map(Self.canonical) }

  /// As the addresses that servers send are written.
  private static func canonical(_ address: String) -> String {
    guard let parsed = IPAddress(address), parsed.isV6 else { return address }
    return InetText.text(EntityID(high: parsed.high, low: parsed.low).bytes[...]) ?? address
  }

  func close() {
    self.isClosing.store(true, ordering: .relaxed)
    self.channel.close(promise: nil)
  }

  /// Lets what is under way end, for so long at most.
  func drain(until deadline: NIODeadline) async {
    while self.isOpen, deadline > .now() {
      let isIdle = try? await self.channel.eventLoop.submit { self.handler.value.isIdle }.get()
      if isIdle != false { break }
      try? await Task.sleep(for: .milliseconds(5))
    }
    try? await self.channel.close()
  }

  /// Connects, agrees on a version, logs in, and takes the keyspace.
  static func open(_ target: ConnectionTarget) async throws(CQLError) -> CQLConnection {
    let deadline = NIODeadline.now() + target.settings.timeout
    var handshake = Handshake(target.settings)
    // Each round is one version older: there are as many as versions, at most.
    for _ in CQLVersion.allCases {
      switch try await Self.open(target, handshake, deadline) {
      case .open(let connection): return connection
      case .again(let version): handshake = Handshake(target.settings, first: version)
      }
    }
    throw .unavailable("\(target.place): no version of the protocol is understood")
  }

  private enum Opened {
    case open(CQLConnection)
    case again(CQLVersion)
  }

  private static func open(
    _ target: ConnectionTarget, _ begun: Handshake, _ deadline: NIODeadline
  ) async throws(CQLError) -> Opened {
    var handshake = begun
    let (channel, handler) = try await Self.connect(target, deadline)
    func ask(_ request: Request, _ version: CQLVersion) async throws(CQLError) -> Response {
      do throws(RequestFailure) {
        return try await CQLConnection(channel, handler, version).send(request, deadline)
      } catch {
        throw Self.failed(target.place, error)
      }
    }
    do throws(CQLError) {
      var step = handshake.begin()
      while true {
        switch step {
        case .send(let request): step = handshake.receive(try await ask(request, handshake.version))
        case .again(let version):
          channel.close(promise: nil)
          return .again(version)
        case .fail(let error): throw error
        case .done:
          let requests = Self.firstRequests(target)
          for request in requests {
            if case .error(let error) = try await ask(request, handshake.version) {
              throw .refused(code: error.code, error.message)
            }
          }
          return .open(CQLConnection(channel, handler, handshake.version))
        }
      }
    } catch {
      channel.close(promise: nil)
      throw error
    }
  }

  private static func firstRequests(_ target: ConnectionTarget) -> [Request] {
    var requests: [Request] = []
    if let keyspace = target.keyspace {
      let quoted =
        "\"" + keyspace.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
      requests.append(.query("USE \(quoted)", QueryOptions(consistency: .one)))
    }
    if !target.events.isEmpty { requests.append(.register(target.events)) }
    return requests
  }

  private static func failed(_ place: String, _ failure: RequestFailure) -> CQLError {
    switch failure {
    case .notSent(let words), .lost(let words): .unavailable("\(place): \(words)")
    case .timedOut: .unavailable("\(place): no answer in time while connecting")
    case .malformed(let words): .malformed("\(place): \(words)")
    case .unsayable(let error): error
    }
  }

  private static func connect(
    _ target: ConnectionTarget, _ deadline: NIODeadline
  ) async throws(CQLError) -> (any Channel, NIOLoopBound<ConnectionHandler>) {
    guard (1...65_535).contains(target.settings.port) else {
      throw .unavailable("\(target.settings.port) is no port")
    }
    let (tls, host, onEvent, onClose) = (target.tls, target.host, target.onEvent, target.onClose)
    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(max(.milliseconds(1), deadline - .now()))
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
      .channelOption(.socketOption(.so_keepalive), value: 1)
    do {
      return try await bootstrap.connect(host: host, port: target.settings.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(
              NIOSSLClientHandler(context: tls, serverHostname: CQLTransportSecurity.serverName(host)))
          }
          let handler = ConnectionHandler(onEvent: onEvent, onClose: onClose)
          try channel.pipeline.syncOperations.addHandler(handler)
          return (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop))
        }
      }
    } catch {
      throw .unavailable("\(target.place): \(ConnectionWords.words(error))")
    }
  }

  /// Sends a request and waits for its answer.
  func send(_ request: Request, _ deadline: NIODeadline) async throws(RequestFailure) -> Response {
    let body: [UInt8]
    do throws(CQLError) {
      body = try request.body(self.version)
    } catch {
      throw .unsayable(error)
    }
    let promise = self.channel.eventLoop.makePromise(of: Response.self)
    let outgoing = OutgoingRequest(
      opcode: request.opcode, body: body, version: self.version, deadline: deadline, promise: promise)
    let handler = self.handler
    self.channel.eventLoop.execute { handler.value.submit(outgoing) }
    do {
      return try await promise.futureResult.get()
    } catch let failure as RequestFailure {
      throw failure
    } catch {
      throw .lost(ConnectionWords.words(error))
    }
  }
}
