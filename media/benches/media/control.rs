//! How the load client talks to a server process: words and texts over a loopback connection.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

/// A server process under measurement; ended when dropped.
pub struct Server {
    child: Child,
    stream: BufReader<TcpStream>,
}

impl Server {
    /// Starts this program again in another role.
    pub fn start(role: &str, gso: bool) -> io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--role", role, if gso { "gso" } else { "sendmmsg" }])
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line)?;
        let port = line
            .trim()
            .parse()
            .map_err(|_| io::Error::other("the server did not start"))?;
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            child,
            stream: BufReader::new(stream),
        })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn ask(&mut self, word: &str, text: &str) -> io::Result<String> {
        write!(self.stream.get_mut(), "{word} {}\n{text}", text.len())?;
        let (word, text) = read(&mut self.stream)?;
        if word == "ok" {
            Ok(text)
        } else {
            Err(io::Error::other(text))
        }
    }

    /// Packets forwarded so far.
    pub fn forwarded(&mut self) -> io::Result<u64> {
        self.ask("forwarded", "")?.parse().map_err(io::Error::other)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server's side: answers until the load client goes away.
pub fn serve(mut answer: impl FnMut(&str, &str) -> Result<String, String>) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?.port());
    let (stream, _) = listener.accept()?;
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Ok((word, text)) = read(&mut stream) {
        let (word, text) = match answer(&word, &text) {
            Ok(text) => ("ok", text),
            Err(text) => ("no", text),
        };
        write!(stream.get_mut(), "{word} {}\n{text}", text.len())?;
    }
    Ok(())
}

fn read(stream: &mut BufReader<TcpStream>) -> io::Result<(String, String)> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let (word, len) = line
        .trim_end()
        .split_once(' ')
        .ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
    let mut text = vec![0; len.parse().map_err(io::Error::other)?];
    stream.read_exact(&mut text)?;
    Ok((
        word.to_owned(),
        String::from_utf8(text).map_err(io::Error::other)?,
    ))
}
