// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonCore
internal import GibbonDNS
internal import GibbonEngine
internal import GibbonHTTP1
internal import GibbonIO
internal import GibbonRouting
internal import Glibc

extension EngineSettings {
  /// What the configuration means for the data plane.
  ///
  /// - Parameter makesFiles: certificates of the prefix are made where they are not there yet and are needed.
  init(_ configuration: Configuration, makesFiles: Bool = true) throws {
    self.init()
    self.workers = Self.count(configuration.workers.count) ?? Swift.max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let speaksHTTP2 = configuration.listen.proxy.contains(where: \.isHTTP2)
    self.listeners = try configuration.listen.proxy.map { try Self.listener($0, speaksHTTP2: speaksHTTP2) }
    self.tls = try Self.tls(configuration, makesFiles: makesFiles)
    self.serviceTLS = try Self.serviceTLS(configuration.tls)
    for map in configuration.forwarding.portMaps { self.portMap[map.inside] = map.outside }
    self.downstream = GibbonEngine.DownstreamSettings(configuration.downstream)
    self.downstream.connectionLimit = Self.connectionLimit(configuration.workers, loops: self.workers)
    self.upstream.poolSize = configuration.upstream.poolSize
    self.upstream.maxRequests = configuration.upstream.maxRequests == 0 ? .max : configuration.upstream.maxRequests
    self.upstream.idleTimeout = configuration.upstream.idleTimeout.map(\.milliseconds) ?? 3_600_000 * 24
    self.headers = HeaderSettings(configuration.responses)
    self.realIP = RealIPSettings(configuration.forwarding)
    self.errorPages = ErrorPages(configuration.responses)
    self.textCharset = configuration.responses.charset
  }

  static func count(_ count: AutomaticCount) -> Int? {
    if case .count(let number) = count { number } else { nil }
  }

  /// Descriptors kept for what is neither client nor service: log files, the datastore, the Admin API, plugins'
  /// servers.
  private static let reservedFiles = 64

  /// Clients that one loop takes. Each may need a connection to a service, so half of the places are theirs.
  static func connectionLimit(_ workers: WorkerSettings, loops: Int) -> Int {
    let files = ProcessLimits.raiseOpenFiles(to: UInt64(Self.count(workers.openFiles) ?? 0))
    let places = (Int(clamping: files) - Self.reservedFiles) / Swift.max(1, loops)
    let asked = Self.count(workers.connections) ?? .max
    return Swift.max(1, Swift.min(places, asked) / 2)
  }

  /// - Parameter speaksHTTP2: the flag of any of the addresses, which counts for all (nginx's `http2 on`).
  private static func listener(
    _ listener: GibbonConfig.Listener, speaksHTTP2: Bool
  ) throws -> ListenerSettings {
    var options = ListenerOptions()
    options.reusePort = listener.reusesPort
    if let backlog = listener.backlog { options.backlog = Int32(clamping: backlog) }
    if let only = listener.isIPv6Only { options.ipv6Only = only }
    switch listener.socketKeepalive {
    case .on: options.tcpKeepAlive = ListenerOptions.TCPKeepAlive()
    case .tuned(let idle, let interval, let count):
      options.tcpKeepAlive = ListenerOptions.TCPKeepAlive(
        idle: Int32(clamping: idle?.components.seconds ?? 0),
        interval: Int32(clamping: interval?.components.seconds ?? 0), count: Int32(clamping: count ?? 0))
    case .off, .none: break
    }
    return ListenerSettings(
      address: try Self.address(listener), options: options, usesProxyProtocol: listener.acceptsProxyProtocol,
      isTLS: listener.isTLS, speaksHTTP2: speaksHTTP2)
  }

  private static func address(_ listener: GibbonConfig.Listener) throws -> SocketAddress {
    switch listener.address {
    case .unix(let path): return .unix(path: path)
    case .ipv4(let text), .ipv6(let text):
      guard let address = IPAddress(text) else { throw Failure("proxy_listen: '\(text)' is not an address") }
      return .internet(address, port: listener.port)
    case .hostname(let name):
      guard let address = IPAddress(resolving: name) else {
        throw Failure("proxy_listen: host '\(name)' not found", advice: "Write an address such as 0.0.0.0.")
      }
      return .internet(address, port: listener.port)
    }
  }
}

extension IPAddress {
  /// By the system's resolver; blocks, so only for the command line and start-up.
  fileprivate init?(resolving name: String) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(name, nil, &hints, &list) == 0, let first = list else { return nil }
    defer { freeaddrinfo(first) }
    var text = [CChar](repeating: 0, count: 64)
    guard getnameinfo(first.pointee.ai_addr, first.pointee.ai_addrlen, &text, 64, nil, 0, NI_NUMERICHOST) == 0 else {
      return nil
    }
    self.init(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
  }
}

extension Duration {
  var milliseconds: Int {
    Int(clamping: self.components.seconds * 1000 + self.components.attoseconds / 1_000_000_000_000_000)
  }
}

extension GibbonEngine.DownstreamSettings {
  init(_ settings: GibbonConfig.DownstreamSettings) {
    self.init()
    let buffers = settings.largeHeaderBuffers
    self.headLimits = HeadLimits(
      requestLineBytes: buffers.size.bytes, fieldLineBytes: buffers.size.bytes,
      headBytes: buffers.size.bytes * buffers.count)
    self.maxBodyBytes = UInt64(clamping: settings.maxBodyBytes ?? 0)
    self.bodyBufferBytes = settings.bodyBufferBytes
    self.allowsAmbiguousPaths = settings.allowsAmbiguousPaths
    self.requestBufferBytes = settings.requestBufferBytes
    self.keepAliveTimeout = settings.keepalive.idle.milliseconds
    self.keepAliveRequests = settings.keepaliveRequests
    self.http2Streams = settings.http2Streams
    self.http2WindowBytes = settings.http2WindowBytes
    self.headerTimeout = settings.headerTimeout.milliseconds
    self.bodyTimeout = settings.bodyTimeout.milliseconds
    self.sendTimeout = settings.sendTimeout.milliseconds
  }
}

extension HeaderSettings {
  init(_ settings: ResponseSettings) {
    self.init()
    self.server = settings.headers.contains(.server)
    self.via = settings.headers.contains(.via)
    self.proxyLatency = settings.headers.contains(.proxyLatency)
    self.upstreamLatency = settings.headers.contains(.upstreamLatency)
    self.responseLatency = settings.headers.contains(.responseLatency)
    self.upstreamStatus = settings.headers.contains(.upstreamStatus)
    self.requestID = settings.headers.contains(.requestID)
    self.upstreamRequestID = settings.upstreamHeaders.contains(.requestID)
    self.allowsDebug = settings.allowsDebugHeader
  }
}

extension RealIPSettings {
  init(_ settings: ForwardingSettings) {
    self.init()
    for address in settings.trusted {
      switch address {
      case .unixSockets: self.trustsUnix = true
      case .network(let bytes, let length):
        if let block = AddressBlock(networkBytes: bytes, prefixLength: length) { self.trusted.append(block) }
      }
    }
    self.isRecursive = settings.isRecursive
    switch settings.realIPHeader.lowercased() {
    case "proxy_protocol": self.source = .proxyProtocol
    case "x-forwarded-for": self.source = .xForwardedFor
    case let name: self.source = .field(name)
    }
  }
}

extension ErrorPages {
  init(_ settings: ResponseSettings) {
    self.init()
    self.defaultFormat = ErrorFormat(rawValue: settings.errorDefaultType) ?? .plain
    let templates = settings.errorTemplates
    for (format, text) in [
      (ErrorFormat.html, templates.html), (.json, templates.json), (.xml, templates.xml), (.plain, templates.plain),
    ] {
      if let text { self.setTemplate(text, for: format) }
    }
  }
}

extension GibbonConfig.Configuration.RouterFlavor {
  var routing: GibbonRouting.RouterFlavor {
    GibbonRouting.RouterFlavor(rawValue: self.rawValue) ?? .traditionalCompatible
  }
}
