// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonDNS
internal import Glibc

extension ResolverSettings {
  /// - Throws: when the hosts file cannot be read.
  init(_ settings: DNSSettings) throws {
    self.init()
    self.servers = settings.nameServers.map {
      $0.address.contains(":") ? "[\($0.address)]:\($0.port)" : "\($0.address):\($0.port)"
    }
    if let text = try Self.text(ofHostsFile: settings.hostsFile) { self.hosts = HostsFile(text) }
    self.order = settings.order.compactMap { kind in
      switch kind {
      case .srv: .srv
      case .a: .a
      case .aaaa: .aaaa
      case .last, .cname: nil
      }
    }
    self.beginsWithLast = settings.order.contains(.last)
    self.limitsServicesToServiceNames = settings.isNewClient
    self.validTTL = settings.validTTL.map { Int($0.components.seconds) }
    self.staleTTL = Int(settings.staleTTL.components.seconds)
    self.notFoundTTL = Int(settings.notFoundTTL.components.seconds)
    self.errorTTL = Int(settings.errorTTL.components.seconds)
    self.cacheSize = settings.cacheSize
  }

  /// A hosts file is a few lines on most machines, and a few megabytes where it blocks names.
  private static let hostsFileLimit = 16 << 20

  /// nil when there is no such file.
  private static func text(ofHostsFile path: String) throws -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw Failure("the hosts file \(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while bytes.count < Self.hostsFileLimit {
      let count = read(descriptor, &part, part.count)
      if count <= 0 { break }
      bytes.append(contentsOf: part[..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
