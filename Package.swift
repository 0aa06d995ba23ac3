// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
import PackageDescription

/// One set of compiler rules for every module of ours.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Modules that touch bytes from the network, or C, also mark every unsafe expression.
let memorySafe: [SwiftSetting] =
  strict + [
    .strictMemorySafety(),
    // Returning a Span from our own types; using one needs no flag.
    .enableExperimentalFeature("Lifetimes"),
  ]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

let package = Package(
  name: "gibbon",
  products: [
    .executable(name: "gibbon", targets: ["gibbon"]),
    .library(name: "GibbonPluginAPI", targets: ["GibbonPluginAPI", "GibbonCore", "GibbonModel", "GibbonSchema"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // C, seen through thin headers.
    .systemLibrary(name: "CAres", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .target(name: "CGibbonLinux"),
    .target(name: "CGibbonTLS", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),

    // Ring 0: leaves.
    .target(
      name: "GibbonCore", dependencies: [crypto],
      swiftSettings: memorySafe),
    .target(name: "GibbonTLS", dependencies: ["CGibbonTLS", "GibbonCore"], swiftSettings: memorySafe),
    .target(name: "GibbonIO", dependencies: ["CGibbonLinux", "GibbonCore", "GibbonTLS"], swiftSettings: memorySafe),
    .target(name: "GibbonDNS", dependencies: ["CAres", "CGibbonLinux", "GibbonCore"], swiftSettings: memorySafe),
    .target(name: "GibbonBalancing", dependencies: ["GibbonCore"], swiftSettings: memorySafe),
    .target(name: "GibbonHTTP1", dependencies: ["GibbonCore"], swiftSettings: memorySafe),
    .target(name: "GibbonHTTP2", dependencies: ["GibbonCore", "GibbonHTTP1"], swiftSettings: memorySafe),
    .target(name: "GibbonProto", dependencies: ["GibbonCore", "GibbonSchema"], swiftSettings: memorySafe),
    .target(name: "GibbonRegex", dependencies: ["CPCRE2", "GibbonCore"], swiftSettings: memorySafe),
    .target(name: "GibbonRouting", dependencies: ["GibbonCore", "GibbonRegex"], swiftSettings: memorySafe),
    .target(name: "GibbonSchema", dependencies: ["GibbonCore", "GibbonRegex"], swiftSettings: strict),

    // Ring 1: contracts.
    .target(
      name: "GibbonModel",
      dependencies: [
        "GibbonCore", "GibbonSchema", crypto, .product(name: "SwiftASN1", package: "swift-asn1"),
        .product(name: "X509", package: "swift-certificates"),
      ],
      swiftSettings: strict),
    .target(
      name: "GibbonPluginAPI", dependencies: ["GibbonCore", "GibbonHTTP1", "GibbonModel", "GibbonSchema"],
      swiftSettings: memorySafe),

    // Ring 2: the data plane, and what feeds it.
    .target(
      name: "GibbonEngine",
      dependencies: [
        "GibbonBalancing", "GibbonCore", "GibbonDNS", "GibbonHTTP1", "GibbonHTTP2", "GibbonIO", "GibbonModel",
        "GibbonPluginAPI", "GibbonRouting", "GibbonTLS",
      ],
      swiftSettings: memorySafe),
    .target(
      name: "GibbonStore",
      dependencies: ["GibbonCore", "GibbonModel", "GibbonSchema", crypto, .product(name: "Yams", package: "Yams")],
      swiftSettings: strict),
    .target(
      name: "GibbonStoreSQLite",
      dependencies: [
        "GibbonCore", "GibbonModel", "GibbonSchema", "GibbonStore", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .target(
      name: "GibbonStorePostgres",
      dependencies: ["CLibPQ", "GibbonCore", "GibbonIO", "GibbonModel", "GibbonSchema", "GibbonStore"],
      swiftSettings: memorySafe),
    .target(
      name: "GibbonCQL",
      dependencies: [
        "GibbonCore", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: memorySafe),
    .target(
      name: "GibbonStoreCassandra",
      dependencies: ["GibbonCQL", "GibbonCore", "GibbonModel", "GibbonSchema", "GibbonStore"], swiftSettings: strict),
    .target(
      name: "GibbonConfig", dependencies: ["GibbonCore", "GibbonSchema", "GibbonTLS"], swiftSettings: strict),
    .target(
      name: "GibbonControl",
      dependencies: [
        "GibbonCore", "GibbonEngine", "GibbonModel", "GibbonPluginAPI", "GibbonRouting", "GibbonSchema", "GibbonStore",
      ],
      swiftSettings: strict),

    // Ring 3: the edge.
    .target(
      name: "GibbonPlugins",
      dependencies: [
        "GibbonCore", "GibbonIO", "GibbonModel", "GibbonPluginAPI", "GibbonProto", "GibbonRegex", "GibbonSchema",
        crypto,
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: strict),

    .target(
      name: "GibbonAdmin",
      dependencies: [
        "GibbonCore", "GibbonHTTP1", "GibbonModel", "GibbonPluginAPI", "GibbonSchema", "GibbonStore", crypto,
        .product(name: "HummingbirdCore", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),

    // Ring 4: the root.
    .executableTarget(
      name: "gibbon",
      dependencies: [
        "GibbonAdmin", "GibbonConfig", "GibbonControl", "GibbonCore", "GibbonDNS", "GibbonEngine", "GibbonHTTP1",
        "GibbonIO", "GibbonModel", "GibbonPluginAPI", "GibbonPlugins", "GibbonRouting", "GibbonSchema", "GibbonStore",
        "GibbonCQL", "GibbonStoreCassandra", "GibbonStorePostgres", "GibbonStoreSQLite", "GibbonTLS",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // What the router costs alone: see docs/performance.md.
    .executableTarget(
      name: "RouterBenchmark", dependencies: ["GibbonCore", "GibbonRouting"], path: "Benchmarks/RouterBenchmark",
      swiftSettings: strict),

    .executableTarget(
      name: "ChangeBenchmark",
      dependencies: [
        "GibbonControl", "GibbonCore", "GibbonDNS", "GibbonEngine", "GibbonIO", "GibbonModel", "GibbonPlugins",
        "GibbonRouting", "GibbonSchema", "GibbonStore",
      ], path: "Benchmarks/ChangeBenchmark", swiftSettings: strict),

    // Tests mirror the sources.
    .target(
      name: "GibbonTesting", dependencies: ["GibbonCQL"], path: "Tests/GibbonTesting", swiftSettings: strict),
    .testTarget(name: "GibbonCoreTests", dependencies: ["GibbonCore"], swiftSettings: strict),
    .testTarget(
      name: "GibbonIOTests", dependencies: ["GibbonIO", "GibbonCore", "GibbonTesting"], swiftSettings: strict),
    .testTarget(
      name: "GibbonDNSTests", dependencies: ["GibbonCore", "GibbonDNS", "GibbonTesting"], swiftSettings: strict),
    .testTarget(name: "GibbonTLSTests", dependencies: ["GibbonCore", "GibbonTLS"], swiftSettings: strict),
    .testTarget(
      name: "GibbonBalancingTests", dependencies: ["GibbonBalancing", "GibbonCore"], swiftSettings: strict),
    .testTarget(
      name: "GibbonHTTP1Tests", dependencies: ["GibbonHTTP1", "GibbonCore"], exclude: ["Fixtures"],
      swiftSettings: strict),
    .testTarget(
      name: "GibbonHTTP2Tests", dependencies: ["GibbonHTTP2", "GibbonHTTP1", "GibbonCore"], swiftSettings: strict),
    .testTarget(
      name: "GibbonProtoTests", dependencies: ["GibbonProto", "GibbonCore", "GibbonSchema"], swiftSettings: strict),
    .testTarget(name: "GibbonRegexTests", dependencies: ["GibbonRegex", "GibbonCore"], swiftSettings: strict),
    .testTarget(name: "GibbonRoutingTests", dependencies: ["GibbonRouting", "GibbonCore"], swiftSettings: strict),
    .testTarget(name: "GibbonSchemaTests", dependencies: ["GibbonSchema", "GibbonCore"], swiftSettings: strict),
    .testTarget(
      name: "GibbonModelTests", dependencies: ["GibbonModel", "GibbonSchema", "GibbonCore"], swiftSettings: strict),
    .testTarget(
      name: "GibbonStoreTests",
      dependencies: ["GibbonStore", "GibbonModel", "GibbonSchema", "GibbonCore", "GibbonTesting"],
      exclude: ["Fixtures"],
      swiftSettings: strict),
    .testTarget(
      name: "GibbonStoreConformanceTests",
      dependencies: [
        "GibbonCQL", "GibbonCore", "GibbonModel", "GibbonSchema", "GibbonStore", "GibbonStoreCassandra",
        "GibbonStorePostgres", "GibbonStoreSQLite", "GibbonTesting",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GibbonStorePostgresTests",
      dependencies: ["GibbonModel", "GibbonStore", "GibbonStorePostgres", "GibbonTesting"], swiftSettings: strict),
    .testTarget(
      name: "GibbonCQLTests",
      dependencies: [
        "GibbonCQL", "GibbonCore", "GibbonTesting", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GibbonStoreCassandraTests",
      dependencies: [
        "GibbonCQL", "GibbonCore", "GibbonModel", "GibbonSchema", "GibbonStore", "GibbonStoreCassandra",
        "GibbonTesting",
      ], swiftSettings: strict),
    .testTarget(
      name: "GibbonAdminTests",
      dependencies: [
        "GibbonAdmin", "GibbonCore", "GibbonHTTP1", "GibbonModel", "GibbonPluginAPI", "GibbonSchema", "GibbonStore",
        .product(name: "NIOCore", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GibbonControlTests",
      dependencies: [
        "GibbonControl", "GibbonCore", "GibbonEngine", "GibbonModel", "GibbonPluginAPI", "GibbonRouting",
        "GibbonSchema", "GibbonStore",
      ], swiftSettings: strict),
    .testTarget(
      name: "GibbonConfigTests", dependencies: ["GibbonConfig", "GibbonSchema", "GibbonTesting"],
      swiftSettings: strict),
    .testTarget(
      name: "GibbonPluginsTests",
      dependencies: [
        "GibbonCore", "GibbonModel", "GibbonPluginAPI", "GibbonPlugins", "GibbonSchema", "GibbonTesting",
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GibbonEngineTests",
      dependencies: [
        "GibbonCore", "GibbonDNS", "GibbonEngine", "GibbonHTTP1", "GibbonIO", "GibbonModel", "GibbonPluginAPI",
        "GibbonRouting", "GibbonSchema", "GibbonTesting",
      ],
      swiftSettings: strict),
    .testTarget(name: "EndToEndTests", dependencies: ["GibbonTesting"], swiftSettings: strict),
    .testTarget(name: "TidyTests", swiftSettings: strict),
  ]
)
