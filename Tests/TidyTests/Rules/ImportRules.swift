// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Who may import what: the rings of the architecture. A target imports what its row names, and nothing else.
enum ImportRules {
  /// What any target may use of the system.
  private static let system: Set<String> = ["Glibc", "Synchronization", "Dispatch", "Swift"]

  /// By target: the modules of the house, then those of others.
  static let rows: [String: (own: Set<String>, others: Set<String>)] = [
    // Ring 0: leaves. No NIO, no Foundation, no sockets outside of GibbonIO and GibbonDNS.
    "GibbonCore": ([], ["Crypto"]),
    "GibbonIO": (["CGibbonLinux", "GibbonCore", "GibbonTLS"], []),
    "GibbonDNS": (["CAres", "CGibbonLinux", "GibbonCore"], []),
    "GibbonBalancing": (["GibbonCore"], []),
    // Messages are the same in both versions: heads, fields and methods are those of GibbonHTTP1.
    "GibbonHTTP2": (["GibbonCore", "GibbonHTTP1"], []),
    "GibbonHTTP1": (["GibbonCore"], []),
    "GibbonRegex": (["CPCRE2", "GibbonCore"], []),
    "GibbonTLS": (["CGibbonTLS", "GibbonCore"], []),
    "GibbonRouting": (["GibbonCore", "GibbonRegex"], []),
    "GibbonSchema": (["GibbonCore", "GibbonRegex"], []),
    "GibbonProto": (["GibbonCore", "GibbonSchema"], []),
    // Ring 1: contracts.
    "GibbonModel": (["GibbonCore", "GibbonSchema"], ["Crypto", "Foundation", "SwiftASN1", "X509"]),
    "GibbonPluginAPI": (["GibbonCore", "GibbonHTTP1", "GibbonModel", "GibbonSchema"], []),
    // Ring 2: the data plane, and what feeds it. The engine sees no JSON, no store and no plugin.
    "GibbonEngine": (
      [
        "GibbonBalancing", "GibbonCore", "GibbonDNS", "GibbonHTTP1", "GibbonHTTP2", "GibbonIO", "GibbonModel",
        "GibbonPluginAPI", "GibbonRouting", "GibbonTLS",
      ], []
    ),
    "GibbonStore": (["GibbonCore", "GibbonModel", "GibbonSchema"], ["Crypto", "CYaml", "Yams"]),
    "GibbonStoreSQLite": (["GibbonCore", "GibbonModel", "GibbonSchema", "GibbonStore"], ["GRDB"]),
    "GibbonStorePostgres": (
      ["CLibPQ", "GibbonCore", "GibbonIO", "GibbonModel", "GibbonSchema", "GibbonStore"], []
    ),
    "GibbonCQL": (["GibbonCore"], ["NIOConcurrencyHelpers", "NIOCore", "NIOPosix", "NIOSSL"]),
    "GibbonStoreCassandra": (["GibbonCQL", "GibbonCore", "GibbonModel", "GibbonSchema", "GibbonStore"], []),
    "GibbonConfig": (["GibbonCore", "GibbonSchema", "GibbonTLS"], []),
    "GibbonControl": (
      [
        "GibbonCore", "GibbonEngine", "GibbonModel", "GibbonPluginAPI", "GibbonRouting", "GibbonSchema", "GibbonStore",
      ], []
    ),
    // Ring 3: the edge.
    "GibbonPlugins": (
      // Of GibbonIO: files opened so that nobody can have exchanged them.
      ["GibbonCore", "GibbonIO", "GibbonModel", "GibbonPluginAPI", "GibbonProto", "GibbonRegex", "GibbonSchema"],
      ["AsyncHTTPClient", "Crypto", "CryptoExtras", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL"]
    ),
    "GibbonAdmin": (
      ["GibbonCore", "GibbonHTTP1", "GibbonModel", "GibbonPluginAPI", "GibbonSchema", "GibbonStore"],
      ["Foundation", "HummingbirdCore", "Logging", "NIOCore", "NIOPosix", "NIOSSL", "ServiceLifecycle"]
    ),
    // Ring 4: the root.
    "gibbon": (
      [
        "GibbonAdmin", "GibbonConfig", "GibbonControl", "GibbonCore", "GibbonDNS", "GibbonEngine", "GibbonHTTP1",
        "GibbonIO", "GibbonModel", "GibbonPluginAPI", "GibbonPlugins", "GibbonRouting", "GibbonSchema", "GibbonStore",
        "GibbonCQL", "GibbonStoreCassandra", "GibbonStorePostgres", "GibbonStoreSQLite", "GibbonTLS",
      ], ["ArgumentParser"]
    ),
  ]

  static func violations(in file: SourceFile) -> [Violation] {
    guard file.isSwift, file.root == "Sources" else { return [] }
    let target = String(file.target)
    guard let row = self.rows[target] else {
      return [Violation(file, "target \(target) has no row in ImportRules: say what it may import")]
    }
    var violations: [Violation] = []
    for (index, line) in file.code.enumerated() where line.contains("import ") {
      guard let module = self.module(of: line) else { continue }
      if row.own.contains(module) || row.others.contains(module) || self.system.contains(module) { continue }
      violations.append(
        Violation(file, line: index + 1, "\(target) may not import \(module): see ImportRules and ARCHITECTURE.md"))
    }
    return violations
  }

  /// The module an import declaration names.
  static func module(of line: String) -> String? {
    var words = line.split(separator: " ").drop { $0.hasPrefix("@") }
    if let first = words.first, ["public", "package", "internal", "private", "fileprivate"].contains(first) {
      words = words.dropFirst().drop { $0.hasPrefix("@") }
    }
    guard words.first == "import" else { return nil }
    words = words.dropFirst()
    if let kind = words.first, words.count > 1,
      ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"].contains(kind)
    {
      words = words.dropFirst()
    }
    return words.first.flatMap { $0.split(separator: ".").first }.map(String.init)
  }
}
