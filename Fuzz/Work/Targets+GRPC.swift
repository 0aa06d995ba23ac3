// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonProto
internal import GibbonSchema

/// Messages of services and what clients send instead of them; `.proto` files are the operator's.
extension Target {
  static let ofGRPC: [Target] = [
    Target(
      name: "proto-file", stepsPerByte: 500,
      seeds: [
        Target.proto, "option a = {{{{{[[[[<<<", "message A { map<string, A> a = 1; } // x\n/* y */",
        "import 'a' 'b' \"\\x41\";",
      ],
      run: { text in _ = try? ProtoLoader.load(text, path: "t") }),
    Target(
      name: "grpc-message", stepsPerByte: 300,
      seeds: [
        "\u{0A}\u{01}a\u{12}\u{02}\u{10}\u{07}\u{1A}\u{03}\u{01}\u{02}\u{03}", "\u{22}\u{04}\u{0A}\u{02}a/",
        "\u{12}\u{04}\u{12}\u{02}\u{12}\u{00}", "\u{2A}\u{06}\u{0A}\u{01}k\u{12}\u{01}v", "\u{03}\u{0B}\u{0C}\u{04}",
      ],
      run: { bytes in
        guard let pool = Target.pool, let type = pool.message(named: "M"),
          let message = try? MessageDecoder.decode(bytes, as: type, in: pool)
        else { return }
        _ = try? MessageToJSON.convert(message, in: pool).serialized()
        _ = MessageEncoder.encode(message, in: pool)
      }),
    Target(
      name: "grpc-json", stepsPerByte: 300,
      seeds: [
        #"{"s":"a","m":{"n":[1,"2",3e0]},"p":{"k":"v"},"t":"1970-01-01T00:00:00Z","v":[{"a":null}]}"#,
        #"{"a":{"@type":"x/M","s":"y"}}"#, #"{"s":1,"S":2,"t":"9999-99-99"}"#, #"[[[[{"#,
      ],
      run: { text in
        guard let pool = Target.pool else { return }
        _ = try? RequestTranscoder(pool).message(of: pool.message(named: "M") ?? 0, body: text)
        let path = String(decoding: text, as: UTF8.self)
        guard case .found(let rule, let values) = pool.rules.match(method: "GET", path: "/v1/" + path) else { return }
        _ = try? RequestTranscoder(pool).message(
          for: rule, values: values, query: FormText.arguments(text), body: [])
      }),
    Target(
      name: "grpc-frames", stepsPerByte: 100,
      seeds: [
        "\u{00}\u{00}\u{00}\u{00}\u{01}a\u{00}\u{00}\u{00}\u{00}\u{00}", "AAAAAAA=AAAA", "\u{7F}\u{7F}\u{7F}\u{7F}",
      ],
      run: { bytes in
        var frames = MessageFrames(limit: 1000)
        frames.append(ByteBuffer(bytes))
        while let frame = try? frames.next() { _ = MessageFrames.frame(frame.payload) }
        _ = WebText.decoded(bytes)
      }),
  ]

  private static let proto = """
    syntax = "proto3";
    import "google/api/annotations.proto"; import "google/protobuf/any.proto";
    import "google/protobuf/struct.proto"; import "google/protobuf/timestamp.proto";
    message M {
      string s = 1; M m = 2; repeated int32 n = 3; google.protobuf.Any a = 4; map<string, string> p = 5;
      google.protobuf.Timestamp t = 6; google.protobuf.Value v = 7; oneof o { bool b = 8; bytes y = 9; }
    }
    service S { rpc R (M) returns (stream M) { option (google.api.http) = { get: "/v1/{s=**}" }; } }
    """

  private static let pool = try? ProtoLoader.load(Array(Self.proto.utf8), path: "t")
}
