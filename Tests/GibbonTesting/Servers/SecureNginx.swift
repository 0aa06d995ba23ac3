// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation

/// nginx as a service with TLS. It answers every request with what it knows of the connection:
/// `verify=… name=… reused=… host=…`.
public final class SecureNginx: Sendable {
  public let port: Int
  private let reservation: FreePort
  private let folder: TemporaryFolder
  private let process: ChildProcess

  /// - Parameter directives: more of the `server` block.
  public init(_ certificate: TestAuthority.Issued, _ directives: String = "") throws {
    self.folder = try TemporaryFolder()
    self.reservation = try FreePort()
    self.port = self.reservation.number
    let text = """
      daemon off; master_process off; error_log stderr; pid nginx.pid;
      events {}
      http {
        access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi; scgi_temp_path scgi;
        server {
          listen 127.0.0.1:\(self.port) ssl;
          ssl_certificate \(certificate.certificateFile.path);
          ssl_certificate_key \(certificate.keyFile.path);
          \(directives)
          location / {
            return 200 "verify=$ssl_client_verify name=$ssl_server_name reused=$ssl_session_reused host=$http_host";
          }
        }
      }
      """
    let file = try self.folder.write(text, to: "nginx.conf")
    self.process = try ChildProcess(
      executable: URL(fileURLWithPath: "/usr/sbin/nginx"),
      arguments: ["-p", self.folder.url.path, "-e", "stderr", "-c", file.path], environment: ["PATH": "/usr/bin:/bin"],
      folder: self.folder.url, name: "nginx")
    try Deadline.wait(for: "nginx to listen") { (try? Socket.connect(port: self.port, seconds: 1))?.close() != nil }
  }

  deinit { self.process.kill() }
}
