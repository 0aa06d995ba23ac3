// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CAres
internal import GibbonCore
internal import Glibc

/// A c-ares channel. Confined to the resolver's thread.
@safe
final class AresChannel {
  private var channel: ares_channel?

  init(servers: [String]) throws {
    var options = unsafe ares_options()
    unsafe options.timeout = 2000
    unsafe options.tries = 3
    // Only servers are asked: the hosts file is read by `HostsFile`, which also knows other places for it.
    var lookups: [CChar] = [CChar(UInt8(ascii: "b")), 0]
    let result = unsafe lookups.withUnsafeMutableBufferPointer { lookups in
      unsafe options.lookups = lookups.baseAddress
      // Safety: the library copies the options.
      return unsafe ares_init_options(
        &self.channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS)
    }
    guard result == ARES_SUCCESS, let channel = unsafe self.channel else {
      throw ResolverError(description: "c-ares: \(AresChannel.text(result))")
    }
    guard !servers.isEmpty else { return }
    if let bad = servers.first(where: { !AresChannel.isServer($0) }) {
      throw ResolverError(description: "dns_resolver '\(bad)': expected an address, or address:port")
    }
    let list = servers.joined(separator: ",")
    let chosen = unsafe ares_set_servers_ports_csv(channel, list)
    guard chosen == ARES_SUCCESS else {
      throw ResolverError(description: "dns_resolver '\(list)': \(AresChannel.text(chosen))")
    }
  }

  deinit {
    if let channel = unsafe self.channel { unsafe ares_destroy(channel) }
  }

  /// `1.2.3.4`, `1.2.3.4:53`, `::1` or `[::1]:53`; the library itself skips what it does not understand.
  private static func isServer(_ text: String) -> Bool {
    if IPAddress(text) != nil { return true }
    guard let colon = text.lastIndex(of: ":"), UInt16(text[text.index(after: colon)...]) != nil else { return false }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
      return IPAddress(host)?.isV6 == true
    }
    return IPAddress(host)?.isV6 == false
  }

  private final class Pending<Result> {
    let completion: (Result) -> Void
    init(_ completion: @escaping (Result) -> Void) { self.completion = completion }
  }

  /// Asks for the addresses of one family; search domains and CNAME records are followed.
  ///
  /// - Parameter completion: called once, on this thread; perhaps before this returns.
  func lookUp(_ name: String, family: Int32, completion: @escaping (QueryResult) -> Void) {
    guard let channel = unsafe self.channel else { return completion(.failed("dns client error: no channel")) }
    var hints = ares_addrinfo_hints()
    hints.ai_family = family
    hints.ai_flags = ARES_AI_NOSORT
    // Safety: retained until c-ares calls back, which it does exactly once, also on destruction.
    let pending = unsafe Unmanaged.passRetained(Pending(completion))
    unsafe ares_getaddrinfo(
      channel, name, nil, &hints,
      { argument, status, _, answer in
        guard let argument = unsafe argument else { return }
        let pending = unsafe Unmanaged<Pending<QueryResult>>.fromOpaque(argument).takeRetainedValue()
        pending.completion(unsafe AresChannel.result(status: status, answer: answer))
        if let answer = unsafe answer { unsafe ares_freeaddrinfo(answer) }
      }, pending.toOpaque())
  }

  /// The outcome of a question for SRV records.
  enum ServiceResult {
    /// Those of the first priority; at least one.
    case found([ServiceRecords.Record])
    case failed(QueryResult)
  }

  /// Asks for SRV records; search domains are followed.
  func lookUpServices(_ name: String, completion: @escaping (ServiceResult) -> Void) {
    guard let channel = unsafe self.channel else {
      return completion(.failed(.failed("dns client error: no channel")))
    }
    // Safety: as in `lookUp`.
    let pending = unsafe Unmanaged.passRetained(Pending(completion))
    unsafe ares_search(
      channel, name, Int32(AresChannel.classInternet), Int32(AresChannel.typeService),
      { argument, status, _, bytes, count in
        guard let argument = unsafe argument else { return }
        let pending = unsafe Unmanaged<Pending<ServiceResult>>.fromOpaque(argument).takeRetainedValue()
        guard status == ARES_SUCCESS, let bytes = unsafe bytes, count > 0 else {
          return pending.completion(.failed(AresChannel.failure(status)))
        }
        // Safety: the library lends that many bytes for the time of this call.
        let message = unsafe UnsafeBufferPointer(start: bytes, count: Int(count))
        let records = unsafe ServiceRecords.first(in: message.span)
        pending.completion(records.isEmpty ? .failed(AresChannel.failure(ARES_ENODATA)) : .found(records))
      }, pending.toOpaque())
  }

  private static let classInternet = 1
  private static let typeService = 33

  private static func failure(_ status: Int32) -> QueryResult {
    switch status {
    case ARES_ENOTFOUND: .notFound("dns server error: 3 name error")
    case ARES_SUCCESS, ARES_ENODATA: .notFound("dns client error: 101 empty record received")
    default: .failed("dns client error: \(self.text(status))")
    }
  }

  /// Waits for the channel's sockets, its timers, the wake-up descriptor or that time, then lets c-ares work.
  func wait(wake: Int32, milliseconds: Int32?) {
    guard let channel = unsafe self.channel else { return }
    var sockets: [Int32] = Array(repeating: -1, count: 16)
    // Safety: the array has the 16 places the call fills.
    let bits = unsafe UInt32(bitPattern: ares_getsock(channel, &sockets, 16))
    var polled = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
    for index in 0..<16 {
      var events: Int16 = 0
      if bits >> UInt32(index) & 1 == 1 { events |= Int16(POLLIN) }
      if bits >> UInt32(index + 16) & 1 == 1 { events |= Int16(POLLOUT) }
      if events != 0 { polled.append(pollfd(fd: sockets[index], events: events, revents: 0)) }
    }
    var limit = timeval()
    // Safety: both point to locals; nil means there is no timer.
    let timer = unsafe ares_timeout(channel, nil, &limit)
    var timeout = unsafe timer == nil ? Int32(-1) : Int32(limit.tv_sec) * 1000 + Int32(limit.tv_usec) / 1000 + 1
    if let milliseconds { timeout = timeout < 0 ? milliseconds : min(timeout, milliseconds) }
    _ = unsafe poll(&polled, nfds_t(polled.count), timeout)
    let none = ARES_SOCKET_BAD
    for entry in polled.dropFirst() where entry.revents != 0 {
      let isReadable = entry.revents & Int16(POLLIN | POLLERR | POLLHUP) != 0
      let isWritable = entry.revents & Int16(POLLOUT) != 0
      unsafe ares_process_fd(channel, isReadable ? entry.fd : none, isWritable ? entry.fd : none)
    }
    unsafe ares_process_fd(channel, none, none)
  }

  private static func result(status: Int32, answer: UnsafeMutablePointer<ares_addrinfo>?) -> QueryResult {
    guard status == ARES_SUCCESS, let answer = unsafe answer else { return self.failure(status) }
    var addresses: [IPAddress] = []
    var ttl = Int.max
    var node = unsafe answer.pointee.nodes
    // Safety: the list and its addresses live until ares_freeaddrinfo, after this returns; each node's
    // address has the size of its family.
    while let current = unsafe node {
      if let address = unsafe self.address(of: current.pointee) { addresses.append(address) }
      ttl = unsafe min(ttl, Int(current.pointee.ai_ttl))
      unsafe node = unsafe current.pointee.ai_next
    }
    guard !addresses.isEmpty else { return self.failure(ARES_ENODATA) }
    return .found(addresses, ttlSeconds: ttl == .max ? 0 : ttl)
  }

  private static func address(of node: ares_addrinfo_node) -> IPAddress? {
    guard let native = unsafe node.ai_addr else { return nil }
    if unsafe node.ai_family == AF_INET {
      // Safety: the family says it is a sockaddr_in.
      let v4 = unsafe UnsafeRawPointer(native).loadUnaligned(as: sockaddr_in.self)
      return IPAddress(v4: UInt32(bigEndian: v4.sin_addr.s_addr))
    }
    guard unsafe node.ai_family == AF_INET6 else { return nil }
    // Safety: the family says it is a sockaddr_in6.
    let v6 = unsafe UnsafeRawPointer(native).loadUnaligned(as: sockaddr_in6.self)
    let words = unsafe v6.sin6_addr.__in6_u.__u6_addr32
    return IPAddress(
      v6High: UInt64(UInt32(bigEndian: words.0)) << 32 | UInt64(UInt32(bigEndian: words.1)),
      low: UInt64(UInt32(bigEndian: words.2)) << 32 | UInt64(UInt32(bigEndian: words.3)))
  }

  private static func text(_ status: Int32) -> String {
    // Safety: the library returns static text.
    unsafe ares_strerror(status).map { unsafe String(cString: $0) } ?? "status \(status)"
  }
}
